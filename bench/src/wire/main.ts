import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { failuresNamed } from '../failuresNamed.ts';
import { forEachSize } from '../load/loadOptions.ts';
import { startLoad } from '../load/loadProcess.ts';
import { type Measured, type MeasuredLoad, measureLoad } from '../load/measuredLoad.ts';
import { formatSeries } from '../load/seriesTable.ts';
import { formatSize } from '../load/serverBench.ts';
import { startMusterServer } from '../musterServer.ts';
import { createDatabase, postmasterPid } from '../postgres.ts';
import { seed } from '../reports/seed.ts';
import { sideBySide } from '../sideBySide.ts';
import { check } from './check.ts';
import type { ConnectionsSettings } from './connections.ts';
import { readOptions, usage, type WireOptions } from './options.ts';
import { explanation } from './results.ts';
import { baseName, type Way } from './ways.ts';
import { workloads } from './workloads.ts';

const words = { line: 'way', unit: 'request', base: baseName, baseLabel: 'GraphQL' };

/** The bench of the server's APIs side by side, all of one server: a table of each workload. */
export const wire: Bench = {
  summary: 'what gRPC, REST and GraphQL cost beside each other',
  usage,
  report: async (args, signal) => {
    const options = readOptions(args);
    const tables = await forEachSize(options, (sized) => measureSize(sized, signal));
    return [...tables.flat(), explanation(options)].join('\n\n');
  },
};

/** Measures all ways with one number of supervisors; returns a table of each workload. */
async function measureSize(options: WireOptions, signal: AbortSignal): Promise<string[]> {
  const { rounds, supervisors, plugins, ways } = options;
  await using undo = new AsyncDisposableStack();
  const database = await createDatabase();
  undo.defer(() => database.drop());
  await seed(database.url, supervisors, plugins, signal);
  const server = await startMusterServer(database.url, signal);
  undo.defer(() => server.stop());
  for (const { name } of ways) await failuresNamed(name, check(name, server, supervisors, plugins));

  const measured = { pid: server.pid, postmaster: await postmasterPid() };
  const tables: string[] = [];
  for (const { name: workload, title } of workloads) {
    const measure = ({ name: way }: Way) => {
      const { connections } = options;
      const { url, grpcAddress } = server;
      return measureWay(
        { way, workload, url, grpcAddress, connections, supervisors, plugins },
        measured,
        options,
        signal,
      );
    };
    const courses = await sideBySide(`wire, ${workload}`, ways, rounds, measure, signal);
    tables.push(`${formatSize(supervisors)}: ${title}\n${formatSeries(courses, words)}`);
  }
  return tables;
}

async function measureWay(
  settings: ConnectionsSettings,
  measured: Measured,
  { seconds, warmUpSeconds }: WireOptions,
  signal: AbortSignal,
): Promise<MeasuredLoad> {
  const load = await startLoad(join(import.meta.dirname, 'connections.ts'), settings, signal);
  try {
    await load.run({ changedShare: 0, ms: warmUpSeconds * 1_000 });
    return await measureLoad(load, { changedShare: 0, ms: seconds * 1_000 }, measured);
  } finally {
    await load.stop();
  }
}
