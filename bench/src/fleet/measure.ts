import { join } from 'node:path';
import { startLoad } from '../load/loadProcess.ts';
import { type MeasuredLoad, measureLoad } from '../load/measuredLoad.ts';
import { startMusterServer } from '../musterServer.ts';
import { createDatabase, postmasterPid } from '../postgres.ts';
import { seed } from '../reports/seed.ts';
import type { AgentsSettings } from './agents.ts';
import type { FleetOptions } from './options.ts';

/** Measures a fleet that publishes to one server, after one interval that isn't measured. */
export async function measure(supervisors: number, options: FleetOptions, signal: AbortSignal): Promise<MeasuredLoad> {
  const { plugins, intervalMs, connections, seconds } = options;
  await using undo = new AsyncDisposableStack();
  const database = await createDatabase();
  undo.defer(() => database.drop());
  await seed(database.url, supervisors, plugins, signal);
  const server = await startMusterServer(database.url, signal);
  undo.defer(() => server.stop());

  const settings: AgentsSettings = { url: server.url, agents: supervisors, plugins, intervalMs, connections };
  const load = await startLoad(join(import.meta.dirname, 'agents.ts'), settings, signal);
  undo.defer(() => load.stop());
  const changedShare = options.changedPercent / 100;
  await load.run({ changedShare, ms: intervalMs });
  const measured = { pid: server.pid, postmaster: await postmasterPid() };
  // Awaited here: the server is stopped when this function returns.
  return await measureLoad(load, { changedShare, ms: seconds * 1_000 }, measured);
}
