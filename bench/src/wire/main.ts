import { join } from 'node:path';
import { failuresNamed } from '../failuresNamed.ts';
import { forEachSize } from '../load/loadOptions.ts';
import { startLoad } from '../load/loadProcess.ts';
import { type MeasuredLoad, measureLoad } from '../load/measuredLoad.ts';
import { formatSeries } from '../load/seriesTable.ts';
import { type MusterServer, startMusterServer } from '../musterServer.ts';
import { createDatabase, postmasterPid } from '../postgres.ts';
import { seed } from '../reports/seed.ts';
import { sideBySide } from '../sideBySide.ts';
import { check } from './check.ts';
import type { ConnectionsSettings } from './connections.ts';
import { readOptions, usage, type WireOptions } from './options.ts';
import { explanation } from './results.ts';
import { baseName, type Way } from './ways.ts';
import { type Workload, workloads } from './workloads.ts';

const words = { line: 'way', unit: 'request', base: baseName, baseLabel: 'GraphQL' };

/** All ways into one server beside each other: a table of each workload. */
export const wire = {
  summary: 'what gRPC, REST and GraphQL cost beside each other',
  usage,
  report: async (args: string[], signal: AbortSignal): Promise<string> => {
    const options = readOptions(args);
    const tables = await forEachSize(options, (sized) => tablesOf(sized, signal));
    return [...tables.flat(), explanation(options)].join('\n\n');
  },
};

async function tablesOf(options: WireOptions, signal: AbortSignal): Promise<string[]> {
  const { rounds, supervisors, plugins, ways } = options;
  await using undo = new AsyncDisposableStack();
  const database = await createDatabase();
  undo.defer(() => database.drop());
  await seed(database.url, supervisors, plugins, signal);
  const server = await startMusterServer(database.url, signal);
  undo.defer(() => server.stop());
  for (const { name } of ways) await failuresNamed(name, check(name, server, supervisors, plugins));

  const postmaster = await postmasterPid();
  const tables: string[] = [];
  for (const workload of workloads) {
    const work = (way: Way) => measure(way, workload, server, postmaster, options, signal);
    const courses = await sideBySide(`wire, ${workload.name}`, ways, rounds, work, signal);
    tables.push(
      `${supervisors.toLocaleString('en-US')} supervisors: ${workload.title}\n${formatSeries(courses, words)}`,
    );
  }
  return tables;
}

async function measure(
  { name: way }: Way,
  { name: workload }: Workload,
  { pid, url, grpcAddress }: MusterServer,
  postmaster: number,
  { seconds, warmUpSeconds, connections, supervisors, plugins }: WireOptions,
  signal: AbortSignal,
): Promise<MeasuredLoad> {
  const settings: ConnectionsSettings = { way, workload, url, grpcAddress, connections, supervisors, plugins };
  const load = await startLoad(join(import.meta.dirname, 'connections.ts'), settings, signal);
  try {
    await load.run({ changedShare: 0, ms: warmUpSeconds * 1_000 });
    return await measureLoad(load, { changedShare: 0, ms: seconds * 1_000 }, { pid, postmaster });
  } finally {
    await load.stop();
  }
}
