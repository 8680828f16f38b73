import type { Driver } from './driver.ts';
import { DriverError } from './driverError.ts';

/**
 * Has a driver throw DriverErrors alone: whatever else goes wrong in it, such as a disk that is full, is no answer of the
 * engine, and says nothing of what runs (G7).
 */
export function withDriverErrors(driver: Driver): Driver {
  const guard =
    <Words extends unknown[], Result>(work: (...words: Words) => Promise<Result>) =>
    (...words: Words): Promise<Result> =>
      work(...words).catch((error: unknown) => {
        throw asDriverError(error);
      });
  return {
    ...driver,
    list: guard(driver.list),
    create: guard(driver.create),
    start: guard(driver.start),
    stop: guard(driver.stop),
    remove: guard(driver.remove),
    logs: async function* (id, options) {
      try {
        yield* driver.logs(id, options);
      } catch (error) {
        throw asDriverError(error);
      }
    },
    close: guard(driver.close),
  };
}

function asDriverError(error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new DriverError('ENGINE_UNAVAILABLE', message, { cause: error });
}
