import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a server is started with: where its database is. */
export const databaseUrl = process.argv[2] ?? '';

/** As many connections as Muster has by default. */
export const poolSize = 10;

/** How long an agent is told to wait: what Muster's own rule comes to, without asking how many agents there are. */
export function nextPublishInMs(): number {
  return Math.ceil(10_000 * Math.random());
}

/** Listens, and tells the bench the port. */
export function listen(server: Server): void {
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
}
