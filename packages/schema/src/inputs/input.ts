import { InputError } from '@muster/core';

/** Runs a mutation's operation; what is wrong with its input is told by the path from the mutation's argument down. */
export async function fromInput<Result>(operation: Promise<Result>): Promise<Result> {
  try {
    return await operation;
  } catch (error) {
    throw error instanceof InputError ? error.under('input') : error;
  }
}
