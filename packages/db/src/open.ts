import type { PrismaClient } from './generated/prisma/client.ts';
import { migrationsFolder } from './migrate.ts';
import { openPGlite } from './pglite.ts';
import { openPostgres } from './postgres.ts';
import { DatabaseSetupError } from './setupError.ts';
import type { Sql } from './sql.ts';

export type DatabaseKind = 'pglite' | 'postgresql';

export interface Database {
  readonly kind: DatabaseKind;
  /** For models, relations and everyday queries, outside transactions: see `transaction`. */
  readonly prisma: PrismaClient;
  /** For statements that do the work of many. Each runs in a transaction of its own. */
  readonly sql: Sql;
  /**
   * For statements that are over at once, such as those that read a row by its key: several are under way at a time on
   * each of a few connections, and a slow one would hold up those behind it. One that isn't answered in time fails, and
   * its connection is given up.
   */
  readonly shortSql: Sql;
  /**
   * For following the event log: a connection apart, so that work which waits for locks, however much, delays no
   * event. A query that isn't answered in time fails, and its connection is given up.
   */
  readonly logSql: Sql;
  /**
   * Runs `work` in one transaction; a throw rolls it back. Prisma's own `$transaction` isn't used: on PGlite its
   * adapter reports a commit that failed as one that succeeded.
   */
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  /**
   * Calls `onWake` whenever something was notified on `channel`, and each time the listening connection has been
   * made anew, since what was notified in between is lost. Returns how to stop.
   */
  listen(channel: string, onWake: () => void): Promise<() => Promise<void>>;
  /** The names of the migrations that are applied, oldest first. */
  appliedMigrations(): Promise<string[]>;
  close(): Promise<void>;
}

export interface OpenDatabaseOptions {
  /** `postgresql://...` for PostgreSQL 15 or later; without it PGlite, embedded, in `dataDir`. */
  url?: string | undefined;
  /** PGlite's folder, or `memory://` for a database that ends with the process. Default `.data`. */
  dataDir?: string | undefined;
  /** PGlite only: a dump to start from in place of a new cluster (`dumpDataDir`). */
  loadDataDir?: Blob | undefined;
  /** PostgreSQL only: connections in the pool. Default 10. */
  poolSize?: number | undefined;
  /** PostgreSQL only: how long `logSql` and `shortSql` wait for an answer. Default 10 s. */
  answerTimeoutMs?: number | undefined;
  /** Is told each statement that runs, as text with placeholders. */
  onQuery?: ((text: string) => void) | undefined;
  /** Is told of trouble that mends itself: a lost connection, a listener that reconnects. */
  onWarning?: ((message: string, error: unknown) => void) | undefined;
  /** Where the migrations lie; the repository's own by default. */
  migrationsDir?: string | undefined;
}

/**
 * Opens the database and brings it to this code's migrations (safe from several replicas at once).
 *
 * @throws DatabaseSetupError when it can't be used as configured.
 */
export async function openDatabase(options: OpenDatabaseOptions = {}): Promise<Database> {
  const settings = {
    onQuery: options.onQuery ?? (() => {}),
    onWarning: options.onWarning ?? (() => {}),
    migrationsDir: options.migrationsDir ?? migrationsFolder,
  };
  if (options.url === undefined) {
    return openPGlite({ ...settings, dataDir: options.dataDir ?? '.data', loadDataDir: options.loadDataDir });
  }
  if (!/^postgres(ql)?:\/\//.test(options.url)) {
    throw new DatabaseSetupError(
      `DATABASE_URL: expected a URL that begins with postgresql://, got one that begins with "${options.url.split(':', 1)[0]}"`,
    );
  }
  if (!URL.canParse(options.url)) {
    throw new DatabaseSetupError(
      'DATABASE_URL: expected postgresql://user:password@host:port/database, got a malformed URL',
    );
  }
  return openPostgres({
    ...settings,
    url: options.url,
    poolSize: options.poolSize ?? 10,
    answerTimeoutMs: options.answerTimeoutMs ?? 10_000,
  });
}
