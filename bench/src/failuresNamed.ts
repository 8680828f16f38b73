import { BenchError } from './benchError.ts';

/** Has a failure say which server it is of. */
export async function failuresNamed<Value>(name: string, work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    throw error instanceof BenchError ? new BenchError(`${name}: ${error.message}`, { cause: error }) : error;
  }
}
