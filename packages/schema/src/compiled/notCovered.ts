/** Something in an operation that only resolvers can answer. */
export class NotCoveredError extends Error {
  override readonly name = 'NotCoveredError';
}

export function notCovered(what: string): never {
  throw new NotCoveredError(what);
}
