import { createLatencies } from './latencies.ts';
import type { LoadResult } from './loadProtocol.ts';

/** The requests of a load, and for how long they are sent. */
export interface Asking<Connection> {
  readonly connections: readonly Connection[];
  /** Number of different requests; the n-th connection sends those with the indexes n, n + connections, ... in a circle. */
  readonly requests: number;
  readonly ms: number;
  /** Sends the request with this index and waits for the answer; a throw ends the load. */
  ask(connection: Connection, index: number): Promise<void>;
}

/** Makes a closed load: each connection sends its next request as soon as the last is answered. */
export async function keepAsking<Connection>(asking: Asking<Connection>): Promise<LoadResult> {
  const { connections, requests, ms, ask } = asking;
  const latencies = createLatencies();
  let answered = 0;
  const begin = performance.now();

  async function keepOneAsking(connection: Connection, first: number): Promise<void> {
    let index = first % requests;
    for (let sent = begin; sent - begin < ms; ) {
      await ask(connection, index);
      const now = performance.now();
      latencies.add(now - sent);
      answered += 1;
      sent = now;
      index += connections.length;
      if (index >= requests) index = first % requests;
    }
  }

  await Promise.all(connections.map(keepOneAsking));
  return {
    requests: answered,
    seconds: (performance.now() - begin) / 1_000,
    p50Ms: latencies.quantile(0.5),
    p99Ms: latencies.quantile(0.99),
    errors: 0,
  };
}
