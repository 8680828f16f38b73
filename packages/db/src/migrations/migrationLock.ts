import { setTimeout as delay } from 'node:timers/promises';
import type { Steps } from '../setup/steps.ts';
import type { Sql } from '../sql.ts';

/** The advisory lock that `prisma migrate deploy` takes, so that it and a starting server take turns. */
const prismaMigrationLock = 72707369;
/** How often it is tried to take the lock, in milliseconds. */
const pollMs = 250;

/**
 * Runs `run` while this session has the migration lock. Waits by asking again and again: a statement that waited would be a
 * transaction, for whose end an index that is made concurrently waits in turn.
 */
export async function withMigrationLock<Result>(
  sql: Sql,
  { steps, signal }: { readonly steps: Steps; readonly signal: AbortSignal | undefined },
  run: () => Promise<Result>,
): Promise<Result> {
  const take = async () => {
    while (!(await tryLock(sql))) await delay(pollMs, undefined, { signal });
  };
  await steps.run('waiting for the lock of the migrations', take, () => describeHolder(sql));
  try {
    return await run();
  } finally {
    await sql.query('SELECT pg_advisory_unlock($1::bigint)', [prismaMigrationLock]);
  }
}

async function tryLock(sql: Sql): Promise<boolean> {
  const [row] = await sql.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1::bigint) AS taken', [
    prismaMigrationLock,
  ]);
  return row?.taken ?? false;
}

async function describeHolder(sql: Sql): Promise<string | null> {
  const [row] = await sql.query<{ pid: number; program: string; role: string; address: string | null }>(
    `SELECT a.pid, a.application_name AS program, a.usename AS role, host(a.client_addr) AS address
     FROM pg_locks l JOIN pg_stat_activity a USING (pid)
     WHERE l.locktype = 'advisory' AND l.granted AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND l.classid = 0 AND l.objid = $1::bigint::oid AND l.objsubid = 1`,
    [prismaMigrationLock],
  );
  if (!row) return null;
  const from = row.address === null ? '' : ` from ${row.address}`;
  return `it is held by the session ${row.pid} of the role ${row.role}${from} ("${row.program}")`;
}
