import { createLatencies } from '../load/latencies.ts';
import type { LoadOrder, LoadResult } from '../load/loadProtocol.ts';
import { takeOrders } from '../load/takeOrders.ts';
import { type Connection, openConnection, type Places } from './clients.ts';
import { requestsOf } from './requests.ts';
import type { WayName } from './ways.ts';
import type { WorkloadName } from './workloads.ts';

/** The settings that this process is started with. */
export interface ConnectionsSettings extends Places {
  readonly way: WayName;
  readonly workload: WorkloadName;
  readonly connections: number;
  readonly supervisors: number;
  /** The number of plugins in each report. */
  readonly plugins: number;
}

/**
 * The process with the connections: each sends its next request as soon as it has an answer. Each connection has reports
 * of other supervisors, so that no two reports of one supervisor are on their way at once.
 */
const settings: ConnectionsSettings = JSON.parse(process.argv[2] ?? '{}');
const { path, bodies } = requestsOf(settings.way, settings.workload, settings.supervisors, settings.plugins);
const connections = Array.from({ length: settings.connections }, () => openConnection(settings.way, settings));

async function run({ ms }: LoadOrder): Promise<LoadResult> {
  const latencies = createLatencies();
  let requests = 0;
  const begin = performance.now();

  async function keepAsking(connection: Connection, first: number): Promise<void> {
    let turn = first;
    for (let sent = begin; sent - begin < ms; ) {
      await connection.ask(path, bodies[turn % bodies.length] ?? Buffer.alloc(0));
      const now = performance.now();
      latencies.add(now - sent);
      requests += 1;
      sent = now;
      turn += settings.connections;
      if (turn >= bodies.length) turn = first;
    }
  }

  await Promise.all(connections.map(keepAsking));
  return {
    requests,
    seconds: (performance.now() - begin) / 1_000,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    errors: 0,
  };
}

takeOrders(run);
