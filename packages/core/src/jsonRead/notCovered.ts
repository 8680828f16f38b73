/** Something in a read that one statement can't answer, so that it is to be answered row by row. */
export class NotCoveredError extends Error {
  override readonly name = 'NotCoveredError';
}

/** @throws NotCoveredError that names the part */
export function notCovered(part: string): never {
  throw new NotCoveredError(part);
}
