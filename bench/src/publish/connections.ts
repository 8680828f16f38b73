import { Client } from 'undici';
import { createLatencies } from '../load/latencies.ts';
import type { LoadOrder, LoadResult } from '../load/loadProtocol.ts';
import { post } from '../load/post.ts';
import { createReporters } from '../load/reporters.ts';
import { takeOrders } from '../load/takeOrders.ts';
import { type Format, isTaken } from '../reports/format.ts';

/** What this process is started with. */
export interface ConnectionsSettings {
  readonly url: string;
  readonly format: Format;
  readonly supervisors: number;
  readonly plugins: number;
  readonly connections: number;
}

/**
 * The process with the connections: each asks again as soon as it is answered. The supervisors are dealt out among them, so
 * that no two requests at a time are of the same.
 */
const settings: ConnectionsSettings = JSON.parse(process.argv[2] ?? '{}');
const { origin, pathname } = new URL(settings.url);
const reporters = createReporters(settings.format, settings.supervisors, settings.plugins);
const clients = Array.from({ length: settings.connections }, () => new Client(origin, { pipelining: 1 }));

async function run({ changedShare, ms }: LoadOrder): Promise<LoadResult> {
  const latencies = createLatencies();
  let requests = 0;
  const begin = performance.now();

  async function keepAsking(client: Client, first: number): Promise<void> {
    let supervisor = first;
    for (let sent = begin; sent - begin < ms; ) {
      const { status, text } = await post(client, pathname, reporters.next(supervisor, Math.random() < changedShare));
      if (!isTaken(status, text)) throw new Error(`expected a report to be taken; got ${status} ${text.slice(0, 500)}`);
      const now = performance.now();
      latencies.add(now - sent);
      requests += 1;
      sent = now;
      supervisor += settings.connections;
      if (supervisor >= settings.supervisors) supervisor = first;
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
