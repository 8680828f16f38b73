import { DriverError } from '../driverError.ts';

/** The engine's refusal of a request: an answer came, with a status of 400 or more. */
export class EngineRefusal extends DriverError {
  readonly status: number;

  /** @param message the engine's words */
  constructor(status: number, message: string) {
    super(status === 404 ? 'ABSENT' : 'REFUSED', message);
    this.status = status;
  }
}
