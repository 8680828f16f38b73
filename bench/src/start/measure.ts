import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../benchError.ts';
import type { BenchServer } from '../benchServer.ts';
import { startLoad } from '../load/loadProcess.ts';
import { residentBytes } from '../procfs.ts';
import { createBodies } from '../reads/bodies.ts';
import type { ConnectionsSettings } from '../reads/connections.ts';
import { type Workload, type WorkloadName, workloads } from '../reads/workloads.ts';
import type { StartOptions } from './options.ts';
import type { Ground, Way } from './ways.ts';

/** The figures of one start. */
export interface StartFigures {
  /** The time from the start of the process until the first answer had come. */
  readonly firstAnswerMs: number;
  /** The memory of the process once it has done nothing for a while. */
  readonly idleBytes: number;
  /** The memory after the load; NaN where there was nothing to read. */
  readonly loadedBytes: number;
}

/** How long a server is left alone until its idle memory is read, in milliseconds. */
const idleMs = 3_000;
/** The program that makes the load. */
const connectionsProgram = join(import.meta.dirname, '../reads/connections.ts');

/** The list comes first, and is the first request too: it needs the database, and has the ids that others ask for. */
const loads: readonly WorkloadName[] = ['list', 'get', 'stats', 'empty'];

/** Starts a server, asks it once, and measures its memory before and after a load of reads. */
export async function measureStart(
  way: Way,
  ground: Ground,
  options: Pick<StartOptions, 'seconds' | 'connections'>,
  signal: AbortSignal,
): Promise<StartFigures> {
  await using undo = new AsyncDisposableStack();
  const prepared = undo.use(await way.prepare(ground));
  const begin = performance.now();
  const server = await prepared.start(signal);
  undo.defer(() => server.stop());
  const ids = await readIds(way, server, signal);
  const firstAnswerMs = performance.now() - begin;
  await sleep(idleMs, undefined, { signal });
  const idleBytes = await residentBytes(server.pid);
  if (ids.length === 0) return { firstAnswerMs, idleBytes, loadedBytes: Number.NaN };
  for (const name of loads) {
    const bodies = createBodies(way.format, workload(name), ids);
    const settings: ConnectionsSettings = { url: server.url, bodies, connections: options.connections };
    const load = await startLoad(connectionsProgram, settings, signal);
    await load.run({ changedShare: 0, ms: options.seconds * 1_000 }).finally(() => load.stop());
  }
  return { firstAnswerMs, idleBytes, loadedBytes: await residentBytes(server.pid) };
}

/** The ids of the first supervisors; asked for once, whatever the answer. @throws BenchError for an answer that is none */
async function readIds({ format }: Way, server: BenchServer, signal: AbortSignal): Promise<string[]> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: createBodies(format, workload('list'), [])[0] ?? '',
    signal,
  });
  const text = await response.text();
  if (response.status !== 200 || !text.startsWith('{"data":{')) {
    throw new BenchError(`expected an answer; got ${response.status} ${text.slice(0, 500)}`);
  }
  const { data }: { data: { supervisors: { nodes: { id: string }[] } } } = JSON.parse(text);
  return data.supervisors.nodes.map(({ id }) => id);
}

function workload(name: WorkloadName): Workload {
  const found = workloads.find((each) => each.name === name);
  if (found === undefined) throw new BenchError(`expected a workload ${name}`);
  return found;
}
