/**
 * Why a driver could not do what was asked.
 *
 * ENGINE_UNAVAILABLE: the engine gave no whole answer, so nothing is known (G7). ABSENT: the engine answered that there is
 * none. NAME_TAKEN: the name belongs to a thing of another identity. REFUSED: any other no, in the engine's or the registry's words.
 */
export type DriverErrorCode = 'ENGINE_UNAVAILABLE' | 'ABSENT' | 'NAME_TAKEN' | 'REFUSED';

/** A driver's failure; the message is for operators and carries no secret. */
export class DriverError extends Error {
  override readonly name = 'DriverError';
  readonly code: DriverErrorCode;

  constructor(code: DriverErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
