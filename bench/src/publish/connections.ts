import { Client } from 'undici';
import { keepAsking } from '../load/keepAsking.ts';
import { post } from '../load/post.ts';
import { createReporters } from '../load/reporters.ts';
import { takeOrders } from '../load/takeOrders.ts';
import { type Format, isTaken } from '../reports/format.ts';

/** The argument that this process is started with. */
export interface ConnectionsSettings {
  readonly url: string;
  readonly format: Format;
  readonly supervisors: number;
  readonly plugins: number;
  readonly connections: number;
}

/** The process with the connections, each of which reports for its share of the supervisors: never two at a time for one. */
const settings: ConnectionsSettings = JSON.parse(process.argv[2] ?? '{}');
const { origin, pathname } = new URL(settings.url);
const reporters = createReporters(settings.format, settings.supervisors, settings.plugins);
const connections = Array.from({ length: settings.connections }, () => new Client(origin, { pipelining: 1 }));

takeOrders(({ changedShare, ms }) =>
  keepAsking({
    connections,
    requests: settings.supervisors,
    ms,
    ask: async (client, supervisor) => {
      const { status, text } = await post(client, pathname, reporters.next(supervisor, Math.random() < changedShare));
      if (!isTaken(status, text)) throw new Error(`expected a report to be taken; got ${status} ${text.slice(0, 500)}`);
    },
  }),
);
