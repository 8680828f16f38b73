import type { PrismaClient } from './generated/prisma/client.ts';
import type { LaneLoad } from './lanes/laneLoad.ts';
import type { LaneName, Work } from './lanes/work.ts';
import type { Sql } from './sql.ts';

/** Which database runs: PGlite, embedded in this process, or a PostgreSQL server. */
type DatabaseKind = 'pglite' | 'postgresql';

/**
 * An open, migrated database. Both kinds behave alike but for speed and the number of connections.
 *
 * All that runs belongs to a work: the one that `runAs` has set for the caller, or else the control plane's own, in the
 * lane `sweeps`. It waits for its turn in the work's lane, and is cancelled when the work is stopped (W1, W4). Where that
 * is so, or where the queue is full, it rejects with WorkStoppedError or QueueFullError.
 */
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
   * without an answer within `answerTimeoutMs` fails, and its connection is closed. It belongs to no work.
   */
  readonly logSql: Sql;
  /**
   * Runs `run` in one transaction; a throw rolls back. Prisma's `$transaction` isn't used: on PGlite, its adapter
   * reports a failed commit as a success. The transaction holds a connection of its lane: no other statement may be run
   * before it ends, but by the `sql` that it is given.
   */
  transaction<Result>(run: (sql: Sql) => Promise<Result>): Promise<Result>;
  /** The work that the caller is a part of. */
  currentWork(): Work;
  /** Calls `run`: what it starts, now or later, is a part of `work`. */
  runAs<Result>(work: Work, run: () => Result): Result;
  /** As `runAs`, with the work that the caller is a part of, in another lane. */
  runInLane<Result>(lane: LaneName, run: () => Result): Result;
  /** The load of each lane. */
  loads(): LaneLoad[];
  /** Stops all that runs or waits, for a server that is stopping, and whatever would come after it. */
  interrupt(): void;
  /**
   * Calls `onWake` at each notification on `channel`, and after each reconnect of the listening connection, since
   * notifications sent in between are lost. Returns how to stop.
   */
  listen(channel: string, onWake: () => void): Promise<() => Promise<void>>;
  /** Whether all connections that listen do so at present, and none is being opened anew. */
  isListening(): boolean;
  /** The names of the applied migrations, oldest first; read in the work of the caller. */
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
  /** PostgreSQL only: all connections, at least 8; docs/limits.md says how they are shared. Default 27. */
  poolSize?: number | undefined;
  /** PostgreSQL only: connections for the server's own work, in place of their share of `poolSize`. */
  sweepConnections?: number | undefined;
  /** How long an operation may take; the database's own timeouts lie below it. Default 10 s. */
  operationTimeoutMs?: number | undefined;
  /** PostgreSQL only: how long `logSql` and `shortSql` wait for an answer. Default 10 s. */
  answerTimeoutMs?: number | undefined;
  /** Called with each statement that runs, as text with placeholders. */
  onQuery?: ((text: string) => void) | undefined;
  /** Called on trouble that the database layer recovers from: a lost connection, a failed reconnect. */
  onWarning?: ((message: string, error: unknown) => void) | undefined;
  /** The folder of the migrations; the repository's by default. */
  migrationsDir?: string | undefined;
  /** Whether migrations that are lacking are applied; if not, a database that lacks some is refused. Default true. */
  migrate?: boolean | undefined;
  /** PostgreSQL only: how long a database that is away is waited for. Default 0: not at all. */
  startTimeoutMs?: number | undefined;
  /**
   * PostgreSQL only: whether as many connections are opened at once as there may ever be, to see that the database gives so
   * many, and shares none (O3). Default false.
   */
  proveConnections?: boolean | undefined;
  /** Ends the opening: it rejects with an AbortError. */
  signal?: AbortSignal | undefined;
  /** Called with each step of the opening (O8). */
  onStep?: ((message: string) => void) | undefined;
  /** Called with each step that takes long, and each try that failed. */
  onDelay?: ((message: string) => void) | undefined;
}
