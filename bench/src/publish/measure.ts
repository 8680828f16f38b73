import { join } from 'node:path';
import { startLoad } from '../load/loadProcess.ts';
import { type MeasuredLoad, measureLoad } from '../load/measuredLoad.ts';
import type { Ground } from '../load/serverBench.ts';
import { createDatabase } from '../postgres.ts';
import { check } from './check.ts';
import type { ConnectionsSettings } from './connections.ts';
import type { PublishOptions } from './options.ts';
import type { Way } from './ways.ts';
import { workloads } from './workloads.ts';

/**
 * Starts a server over a fresh copy of the seeded database, checks it, and measures it with each workload, in their
 * order. In a shared copy, later servers would pay for the rows that earlier ones left.
 */
export async function measure(
  way: Way,
  { template, postmaster }: Pick<Ground, 'template' | 'postmaster'>,
  { seconds, warmUpSeconds, connections, supervisors, plugins }: PublishOptions,
  signal: AbortSignal,
): Promise<MeasuredLoad[]> {
  await using undo = new AsyncDisposableStack();
  const database = await createDatabase(template);
  undo.defer(() => database.drop());
  const server = await way.start(database.url, signal);
  undo.defer(() => server.stop());
  await check(way, server, database.url, plugins, signal);

  const { format } = way;
  const settings: ConnectionsSettings = { url: server.url, format, supervisors, plugins, connections };
  const load = await startLoad(join(import.meta.dirname, 'connections.ts'), settings, signal);
  undo.defer(() => load.stop());
  const measurements: MeasuredLoad[] = [];
  for (const { changedShare } of workloads) {
    await load.run({ changedShare, ms: warmUpSeconds * 1_000 });
    const order = { changedShare, ms: seconds * 1_000 };
    measurements.push(await measureLoad(load, order, { pid: server.pid, postmaster }));
  }
  return measurements;
}
