import { setTimeout as delay } from 'node:timers/promises';
import { DatabaseSetupError } from '../setup/setupError.ts';
import type { Steps } from '../setup/steps.ts';
import type { Sql } from '../sql.ts';
import { codeOf, isDeadlock, isLockNotAvailable, isSqlState } from '../sqlState.ts';
import { isDatabaseUnavailable } from '../unavailable.ts';
import type { Migration } from './folder.ts';
import { noteApplied } from './history.ts';

/** One connection, for statements that must run one after another on it. */
export interface MigrationConnection {
  readonly sql: Sql;
  /** Runs a script of several statements, which may include BEGIN and COMMIT. */
  script(text: string): Promise<void>;
}

/** How migrations are applied, and who hears of it. */
export interface ApplyOptions {
  readonly steps: Steps;
  /** Ends the waits. */
  readonly signal?: AbortSignal | undefined;
  /** How long a migration may wait for a lock before it gives up and tries again, in milliseconds. Default 3 s. */
  readonly lockTimeoutMs?: number | undefined;
  /** Called with each migration. */
  onStep(message: string): void;
  /** Called with each try that failed. */
  onDelay(message: string): void;
}

const defaultLockTimeoutMs = 3_000;
/** The longest pause between two tries, in milliseconds; the first is the time that a try waits, and each is twice the last. */
const longestPauseMs = 30_000;

/**
 * O9: an index on a large table is made without keeping writers out. Such a migration is this one statement, as Prisma's
 * own runner wants it, too; it can't run in a transaction.
 */
const concurrentIndex =
  /^(?:\s|--[^\n]*\n)*CREATE (?:UNIQUE )?INDEX CONCURRENTLY IF NOT EXISTS "([^"]+)" ON [^;]+;?\s*$/;

/**
 * Applies a migration: all of it, or nothing. One that waits for a lock bars all who come after it from the table, so it
 * gives up soon, and is tried again.
 */
export async function applyMigration(
  connection: MigrationConnection,
  migration: Migration,
  options: ApplyOptions,
): Promise<void> {
  const { name, text } = migration;
  const index = concurrentIndex.exec(text)?.[1];
  if (index === undefined && /\bCONCURRENTLY\b/.test(text.replaceAll(/--[^\n]*/g, ''))) {
    throw new DatabaseSetupError(
      `migration ${name}: expected CREATE INDEX CONCURRENTLY IF NOT EXISTS "name" ON ... as its one statement; got more, or another form`,
    );
  }
  const apply = () =>
    index === undefined ? applyInTransaction(connection, migration, options) : makeIndex(connection, migration, index);
  try {
    await options.steps.run(`applying the migration ${name}`, apply);
  } catch (error) {
    throw explainMigration(name, error);
  }
  options.onStep(`applied the migration ${name}`);
}

async function applyInTransaction(
  { sql, script }: MigrationConnection,
  migration: Migration,
  { lockTimeoutMs = defaultLockTimeoutMs, onDelay, signal }: ApplyOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    await script('BEGIN');
    try {
      await script(`SET LOCAL lock_timeout = ${lockTimeoutMs}`);
      await script(migration.text);
      await noteApplied(sql, migration);
      await script('COMMIT');
      return;
    } catch (error) {
      await script('ROLLBACK');
      if (!isLockNotAvailable(error) && !isDeadlock(error)) throw error;
      const pauseMs = Math.min(longestPauseMs, lockTimeoutMs * 2 ** (attempt - 1));
      const holder = await describeOldest(sql);
      onDelay(
        `migration ${migration.name}: try ${attempt} got no lock within ${lockTimeoutMs / 1_000} s${holder}; trying again in ${pauseMs / 1_000} s`,
      );
      await delay(pauseMs, undefined, { signal });
    }
  }
}

/** Which client else has locks on this schema's tables: the one whose transaction is the oldest. PostgreSQL's own vacuum gives way. */
async function describeOldest(sql: Sql): Promise<string> {
  const [row] = await sql.query<{ pid: number; program: string; role: string }>(
    `SELECT a.pid, a.application_name AS program, a.usename AS role
     FROM pg_locks l JOIN pg_class c ON c.oid = l.relation JOIN pg_stat_activity a ON a.pid = l.pid
     WHERE l.granted AND l.pid <> pg_backend_pid() AND a.backend_type = 'client backend' AND a.datname = current_database()
       AND c.relnamespace = to_regnamespace(quote_ident(current_schema()))
     ORDER BY a.xact_start NULLS LAST LIMIT 1`,
  );
  return row ? ` (the session ${row.pid} of the role ${row.role}, "${row.program}", has locks)` : '';
}

/** A build that was interrupted leaves an index that is not valid, which is made anew. */
async function makeIndex({ sql, script }: MigrationConnection, migration: Migration, index: string): Promise<void> {
  const [invalid] = await sql.query(
    `SELECT FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
     WHERE c.relname = $1 AND c.relnamespace = to_regnamespace(quote_ident(current_schema())) AND NOT i.indisvalid`,
    [index],
  );
  if (invalid) await script(`DROP INDEX CONCURRENTLY "${index}"`);
  await script(migration.text);
  await noteApplied(sql, migration);
}

/** O11: what the database says of a migration that fails; a database that goes away is another matter. */
function explainMigration(name: string, error: unknown): unknown {
  if (!(error instanceof Error) || isDatabaseUnavailable(error) || !isSqlState(codeOf(error))) return error;
  const hint = codeOf(error) === '42501' ? '; run "muster migrate" as the role that owns the tables' : '';
  const message = `migration ${name} could not be applied, and nothing of it is kept: ${error.message} (${codeOf(error)})`;
  return new DatabaseSetupError(message + hint, { cause: error });
}
