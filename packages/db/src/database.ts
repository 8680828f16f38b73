import type { PrismaClient } from './generated/prisma/client.ts';
import type { Sql } from './sql.ts';

/** Which database runs: PGlite, embedded in this process, or a PostgreSQL server. */
type DatabaseKind = 'pglite' | 'postgresql';

/** An open, migrated database. Both kinds behave alike but for speed and the number of connections. */
export interface Database {
  readonly kind: DatabaseKind;
  /** For models, relations and everyday queries, outside transactions: see `transaction`. */
  readonly prisma: PrismaClient;
  /** For statements that do the work of many. Each runs in its own transaction. */
  readonly sql: Sql;
  /**
   * For short statements, such as reading a row by its key. They are pipelined on a few connections, so a slow
   * statement delays those behind it. A statement without an answer within `answerTimeoutMs` fails, and its connection
   * is closed.
   */
  readonly shortSql: Sql;
  /**
   * For reading the event log, on a separate connection: work that waits for locks must not delay events. A query
   * without an answer within `answerTimeoutMs` fails, and its connection is closed.
   */
  readonly logSql: Sql;
  /**
   * Runs `work` in one transaction; a throw rolls back. Prisma's `$transaction` isn't used: on PGlite, its adapter
   * reports a failed commit as a success.
   */
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  /**
   * Calls `onWake` at each notification on `channel`, and after each reconnect of the listening connection, since
   * notifications sent in between are lost. Returns how to stop.
   */
  listen(channel: string, onWake: () => void): Promise<() => Promise<void>>;
  /** The names of the applied migrations, oldest first. */
  appliedMigrations(): Promise<string[]>;
  /** Closes all connections, and PGlite itself; to be called once. */
  close(): Promise<void>;
}

/** Which database to open, and how. */
export interface OpenDatabaseOptions {
  /** `postgresql://...` for PostgreSQL 15 or later; without a URL, PGlite runs embedded, in `dataDir`. */
  url?: string | undefined;
  /** PGlite's folder, or `memory://` for a database that ends with the process. Default `.data`. */
  dataDir?: string | undefined;
  /** PGlite only: a dump to start from in place of a new cluster (`dumpDataDir`). */
  loadDataDir?: Blob | undefined;
  /** PostgreSQL only: connections in the pool. Default 10. */
  poolSize?: number | undefined;
  /** PostgreSQL only: how long `logSql` and `shortSql` wait for an answer. Default 10 s. */
  answerTimeoutMs?: number | undefined;
  /** Called with each statement that runs, as text with placeholders. */
  onQuery?: ((text: string) => void) | undefined;
  /** Called on trouble that the database layer recovers from: a lost connection, a failed reconnect. */
  onWarning?: ((message: string, error: unknown) => void) | undefined;
  /** The folder of the migrations; the repository's by default. */
  migrationsDir?: string | undefined;
}
