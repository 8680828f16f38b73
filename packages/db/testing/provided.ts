import 'vitest';

/** The templates that the databases of tests are cloned from. */
export interface Templates {
  /** PGlite: a folder with a migrated cluster and its dump. */
  readonly pglite?: string;
  /** PostgreSQL: the name of a template database. */
  readonly postgresql?: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    templates: Templates;
  }
}
