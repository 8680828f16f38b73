import { isSerializationFailure } from './sqlState.ts';

const maxTries = 5;

/**
 * Runs a statement or a transaction, and again while it loses against others that run at the same time (O6). All that it had
 * done is undone by then, so `run` may have no effect but on the database.
 */
export function retryLost<Result>(run: () => Promise<Result>): Promise<Result> {
  return run().catch((error: unknown) => {
    if (!isSerializationFailure(error)) throw error;
    return retry(run, 2);
  });
}

async function retry<Result>(run: () => Promise<Result>, tries: number): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    if (tries === maxTries || !isSerializationFailure(error)) throw error;
    return retry(run, tries + 1);
  }
}
