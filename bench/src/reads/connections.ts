import { Client } from 'undici';
import { createLatencies } from '../load/latencies.ts';
import type { LoadOrder, LoadResult } from '../load/loadProtocol.ts';
import { post } from '../load/post.ts';
import { takeOrders } from '../load/takeOrders.ts';

/** What this process is started with. */
export interface ConnectionsSettings {
  readonly url: string;
  /** The bodies of the requests, sent by turns. */
  readonly bodies: readonly string[];
  readonly connections: number;
}

/** The process with the connections: each asks again as soon as it is answered. */
const settings: ConnectionsSettings = JSON.parse(process.argv[2] ?? '{}');
const { origin, pathname } = new URL(settings.url);
const clients = Array.from({ length: settings.connections }, () => new Client(origin, { pipelining: 1 }));

async function run({ ms }: LoadOrder): Promise<LoadResult> {
  const latencies = createLatencies();
  let requests = 0;
  const begin = performance.now();

  async function keepAsking(client: Client): Promise<void> {
    for (let sent = begin; sent - begin < ms; ) {
      const body = settings.bodies[requests % settings.bodies.length] ?? '';
      requests += 1;
      const { status, text } = await post(client, pathname, body);
      if (status !== 200 || !text.startsWith('{"data":{')) {
        throw new Error(`expected an answer; got ${status} ${text.slice(0, 500)}`);
      }
      const now = performance.now();
      latencies.add(now - sent);
      sent = now;
    }
  }

  await Promise.all(clients.map(keepAsking));
  return {
    requests,
    seconds: (performance.now() - begin) / 1_000,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    errors: 0,
  };
}

takeOrders(run);
