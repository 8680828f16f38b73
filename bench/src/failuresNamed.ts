import { BenchError } from './benchError.ts';

/** Puts the name of the server before the message of a BenchError. */
export async function failuresNamed<Value>(name: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof BenchError ? new BenchError(`${name}: ${error.message}`, { cause: error }) : error;
  }
}
