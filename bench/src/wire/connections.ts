import { keepAsking } from '../load/keepAsking.ts';
import { takeOrders } from '../load/takeOrders.ts';
import { openConnection, type ServerAddresses } from './clients.ts';
import { createRequests } from './requests.ts';
import type { WayName } from './ways.ts';
import type { WorkloadName } from './workloads.ts';

/** The argument that this process is started with. */
export interface ConnectionsSettings extends ServerAddresses {
  readonly way: WayName;
  readonly workload: WorkloadName;
  readonly connections: number;
  readonly supervisors: number;
  /** Number of plugins in each report. */
  readonly plugins: number;
}

/** The process with the connections, each of which reports for its share of the supervisors: never two at a time for one. */
const settings: ConnectionsSettings = JSON.parse(process.argv[2] ?? '{}');
const { path, bodies } = createRequests(settings.way, settings.workload, settings.supervisors, settings.plugins);
const connections = Array.from({ length: settings.connections }, () => openConnection(settings.way, settings));

takeOrders(({ ms }) =>
  keepAsking({
    connections,
    requests: bodies.length,
    ms,
    ask: async (connection, index) => void (await connection.ask(path, bodies[index] ?? Buffer.alloc(0))),
  }),
);
