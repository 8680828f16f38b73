/** A number of rows, and what it was counted after: see json/count.ts. */
export interface KnownCount {
  readonly after: string;
  readonly count: number;
}

/** Scopes whose numbers are kept. */
const mostScopes = 10_000;

/** Numbers of rows that were counted before, by scope. */
export interface KnownCounts {
  get(scope: string): KnownCount | undefined;
  set(scope: string, known: KnownCount): void;
}

export function createKnownCounts(): KnownCounts {
  const counts = new Map<string, KnownCount>();
  return {
    get: (scope) => counts.get(scope),
    set: (scope, known) => {
      if (counts.size >= mostScopes && !counts.has(scope)) counts.clear();
      counts.set(scope, known);
    },
  };
}
