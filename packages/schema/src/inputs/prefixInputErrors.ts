import { InputError } from '@muster/core';

/**
 * Runs the operation of a mutation. A refusal of the input names its path from the mutation's argument down:
 * `input.labels` for `labels`.
 */
export async function prefixInputErrors<Result>(operation: Promise<Result>): Promise<Result> {
  try {
    return await operation;
  } catch (error) {
    throw error instanceof InputError ? error.under('input') : error;
  }
}
