import { join } from 'node:path';
import { Client } from 'pg';
import { startLoad } from '../load/loadProcess.ts';
import { type MeasuredLoad, measureLoad } from '../load/measuredLoad.ts';
import { createBodies } from './bodies.ts';
import { check } from './check.ts';
import type { ConnectionsSettings } from './connections.ts';
import type { ReadsOptions } from './options.ts';
import type { Way } from './ways.ts';
import { workloads } from './workloads.ts';

/** Number of supervisors that are asked for by id, in turn. */
const askedIds = 200;

/** Starts a server over its seeded database, checks it, and measures it with each workload, in their order. */
export async function measure(
  way: Way,
  { databaseUrl, postmaster }: { databaseUrl: string; postmaster: number },
  { seconds, warmUpSeconds, connections }: ReadsOptions,
  signal: AbortSignal,
): Promise<MeasuredLoad[]> {
  await using undo = new AsyncDisposableStack();
  const ids = await readSomeIds(databaseUrl);
  const server = await way.start(databaseUrl, signal);
  undo.defer(() => server.stop());
  await check(way, server, databaseUrl, ids, signal);

  const measurements: MeasuredLoad[] = [];
  for (const workload of workloads) {
    const settings: ConnectionsSettings = {
      url: server.url,
      bodies: createBodies(way.format, workload, ids),
      connections,
    };
    const load = await startLoad(join(import.meta.dirname, 'connections.ts'), settings, signal);
    try {
      await load.run({ changedShare: 0, ms: warmUpSeconds * 1_000 });
      const order = { changedShare: 0, ms: seconds * 1_000 };
      measurements.push(await measureLoad(load, order, { pid: server.pid, postmaster }));
    } finally {
      await load.stop();
    }
  }
  return measurements;
}

async function readSomeIds(databaseUrl: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>('SELECT id FROM supervisors ORDER BY md5(id) LIMIT $1', [
      askedIds,
    ]);
    return rows.map(({ id }) => id);
  } finally {
    await client.end();
  }
}
