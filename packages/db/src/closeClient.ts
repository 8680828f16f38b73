import { setTimeout as delay } from 'node:timers/promises';
import type { Client } from 'pg';

const politeMs = 500;

/** Ends a connection; one whose peer doesn't answer the goodbye in time is cut. */
export async function closeClient(client: Client): Promise<void> {
  await Promise.race([client.end(), delay(politeMs, undefined, { ref: false })]).catch(() => {});
  client.connection?.stream?.destroy();
}
