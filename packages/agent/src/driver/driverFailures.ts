import type { Driver, ImageStore } from './driver.ts';
import { DriverError } from './driverError.ts';

/**
 * Has a driver throw DriverErrors alone: whatever else goes wrong in it, such as a disk that is full, is no answer of the
 * engine, and says nothing of what runs (G7).
 */
export function withDriverErrors(driver: Driver): Driver {
  const { images } = driver;
  return {
    ...driver,
    ...(images ? { images: withImageErrors(images) } : {}),
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

function withImageErrors(images: ImageStore): ImageStore {
  return {
    has: guard(images.has),
    list: guard(images.list),
    remove: guard(images.remove),
    pull: async (image, options) => {
      try {
        await images.pull(image, options);
      } catch (error) {
        options.signal.throwIfAborted();
        throw asDriverError(error);
      }
    },
  };
}

function guard<Words extends unknown[], Result>(work: (...words: Words) => Promise<Result>) {
  return (...words: Words): Promise<Result> =>
    work(...words).catch((error: unknown) => {
      throw asDriverError(error);
    });
}

function asDriverError(error: unknown): DriverError {
  if (error instanceof DriverError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new DriverError('ENGINE_UNAVAILABLE', message, { cause: error });
}
