import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';

const goodbyeTimeoutMs = 500;

/** Closes a connection; cuts it if the server doesn't answer the goodbye within 500 ms. */
export async function closeClient(client: Client): Promise<void> {
  await Promise.race([client.end(), delay(goodbyeTimeoutMs, undefined, { ref: false })]).catch(() => {});
  client.connection?.stream?.destroy();
}
