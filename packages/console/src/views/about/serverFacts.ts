/** The words of a server about itself, at its root. Paths begin with a slash, or are null where that is switched off. */
export interface ServerFacts {
  readonly version: string;
  readonly open: boolean;
  readonly graphql: string;
  readonly playground: string | null;
  readonly rest: string;
  readonly openapi: string;
  readonly grpc: string;
  readonly metrics: string;
}

/** Whether a server takes writes, and the tables that it has. */
export interface Readiness {
  readonly ready: boolean;
  /** Why it isn't ready. */
  readonly reasons: readonly string[];
  /** The last migration of the database. */
  readonly migration: string | null;
}
