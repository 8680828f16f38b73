import { join } from 'node:path';
import { failuresNamed } from '../failuresNamed.ts';
import { startLoad } from '../load/loadProcess.ts';
import { type MeasuredLoad, measureLoad } from '../load/measuredLoad.ts';
import { machine } from '../machine.ts';
import { type MusterServer, startMusterServer } from '../musterServer.ts';
import { createDatabase, postmasterPid } from '../postgres.ts';
import { seed } from '../reports/seed.ts';
import { writeResults } from '../writeResults.ts';
import { check } from './check.ts';
import type { ConnectionsSettings } from './connections.ts';
import { readOptions, usage, type WireOptions } from './options.ts';
import { explanation, formatSeries, type Series } from './results.ts';
import { baseName, type Way } from './ways.ts';
import { type Workload, workloads } from './workloads.ts';

/** Measures all ways into one server beside each other, and prints a table of each workload. */
export async function wire(args: string[], signal: AbortSignal): Promise<void> {
  if (args.includes('--help')) return console.log(usage);
  const options = readOptions(args);
  const head = await machine();
  console.log(head);
  const tables = await measureAll(options, signal);
  const parts = [...workloads.map(({ title }, place) => `${title}\n${tables[place]}`), explanation(options)];
  console.log(`\n${parts.join('\n\n')}`);
  if (options.write) await writeResults('wire', 'gRPC, REST and GraphQL', [head, ...parts].join('\n\n'));
}

async function measureAll(options: WireOptions, signal: AbortSignal): Promise<string[]> {
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
    const courses = ways.map((way) => ({ way, rounds: [] as MeasuredLoad[] }));
    for (let round = 0; round < rounds; round += 1) {
      // Each round begins with another way, so that none always has the same one's aftermath to run in.
      const first = round % courses.length;
      for (const course of [...courses.slice(first), ...courses.slice(0, first)]) {
        signal.throwIfAborted();
        console.error(`${workload.name}, round ${round + 1} of ${rounds}: ${course.way.name}`);
        const measured = measure(course.way, workload, server, postmaster, options, signal);
        course.rounds.push(await failuresNamed(course.way.name, measured));
      }
    }
    tables.push(tableOf(courses));
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

function tableOf(courses: readonly { way: Way; rounds: MeasuredLoad[] }[]): string {
  const series = courses.map(({ way, rounds }): Series => ({ label: way.label, rounds }));
  const base = series[courses.findIndex(({ way }) => way.name === baseName)];
  return formatSeries(series, base);
}
