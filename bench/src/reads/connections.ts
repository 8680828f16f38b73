import { Client } from 'undici';
import { keepAsking } from '../load/keepAsking.ts';
import { post } from '../load/post.ts';
import { takeOrders } from '../load/takeOrders.ts';

/** The argument that this process is started with. */
export interface ConnectionsSettings {
  readonly url: string;
  /** The bodies of the requests, sent in turn. */
  readonly bodies: readonly string[];
  readonly connections: number;
}

/** The process with the connections. */
const settings: ConnectionsSettings = JSON.parse(process.argv[2] ?? '{}');
const { origin, pathname } = new URL(settings.url);
const connections = Array.from({ length: settings.connections }, () => new Client(origin, { pipelining: 1 }));

takeOrders(({ ms }) =>
  keepAsking({
    connections,
    requests: settings.bodies.length,
    ms,
    ask: async (client, index) => {
      const { status, text } = await post(client, pathname, settings.bodies[index] ?? '');
      if (status !== 200 || !text.startsWith('{"data":{')) {
        throw new Error(`expected an answer; got ${status} ${text.slice(0, 500)}`);
      }
    },
  }),
);
