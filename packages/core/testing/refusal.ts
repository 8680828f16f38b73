import { DomainError } from '../src/base/errors.ts';

/** The refusal that `work` ends with; fails where it doesn't, or ends with anything else. */
export async function refusalOf(work: Promise<unknown> | (() => unknown)): Promise<DomainError> {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
  throw new Error('expected a refusal; it was done');
}
