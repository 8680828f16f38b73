import { encodeCursor } from '@muster/core';
import { readLogBounds } from '@muster/core/testing';
import { openDatabase } from '@muster/db';
import type { TestCluster } from '@muster/db/testing/cluster';
import type { History } from './check.ts';
import { readTruth } from './truth.ts';

/**
 * Dumps a database, and puts the dump in its place a while later: all that happens until then is lost. Servers and clients are
 * cut off, and find the earlier state when they come back.
 *
 * @returns the history until the restore, with the lost part
 */
export async function restoreDump(
  cluster: TestCluster,
  database: string,
  meanwhile: () => Promise<void>,
): Promise<History> {
  const url = (name: string) => cluster.url.replace(/postgres$/, name);
  const lost = `${database}_before_${Date.now()}`;
  await cluster.call('pg_dump', '-Fc', '-f', 'muster.dump', url(database));
  await cluster.query('CREATE DATABASE restored');
  await cluster.call('pg_restore', '--exit-on-error', '-d', url('restored'), 'muster.dump');
  await meanwhile();
  await cluster.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
  await cluster.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${database}'`);
  await cluster.query(`ALTER DATABASE ${database} RENAME TO ${lost}`);
  await cluster.query(`ALTER DATABASE restored RENAME TO ${database}`);
  await cluster.query(`ALTER DATABASE ${lost} ALLOW_CONNECTIONS true`);
  const db = await openDatabase({ url: url(lost) });
  try {
    const events = await readTruth(db);
    const log = await readLogBounds(db.sql);
    return { events, cursors: new Map(events.map(({ seq }) => [seq, encodeCursor(log, seq)])) };
  } finally {
    await db.close();
  }
}
