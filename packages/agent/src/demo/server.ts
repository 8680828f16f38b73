import { setTimeout as sleep } from 'node:timers/promises';
import type { MusterClient } from '@muster/client';
import { PingDocument, RequestError } from '@muster/client';
import type { Narrate } from './narrator.ts';

interface WaitOptions {
  client: MusterClient;
  narrate: Narrate;
  retryMs: number;
  signal: AbortSignal;
}

/** Pause between two lines that say that there is still no server. */
const remindAfterMs = 15_000;

/**
 * Waits until the server answers, and narrates that there is none meanwhile.
 *
 * @param trouble the error that made the caller doubt the server; by default the server is pinged first
 */
export async function waitForServer(options: WaitOptions, trouble?: RequestError): Promise<void> {
  const { client, retryMs, signal } = options;
  const narrate = (what: string, result: string) => options.narrate({ domain: '', actor: 'demo', what, result });
  let lastNarratedAt = Number.NEGATIVE_INFINITY;
  let found = trouble ?? (await ping(client, signal));
  const wasDown = found !== undefined;
  while (found) {
    if (performance.now() - lastNarratedAt >= remindAfterMs) {
      lastNarratedAt = performance.now();
      narrate(`${problem(found)} at ${client.url} (${found.message})`, advice(retryMs));
    }
    await sleep(retryMs, undefined, { signal });
    found = await ping(client, signal);
  }
  if (wasDown) narrate(`reaches the server at ${client.url}`, 'the story goes on');
}

function problem(trouble: RequestError): string {
  return trouble.code === 'UNAVAILABLE' ? 'finds the Muster server not ready' : 'finds no Muster server';
}

function advice(retryMs: number): string {
  return `start one with "npx -y pnpm@12 start", or name another with --url; trying again every ${retryMs / 1000} s`;
}

/** Pings the server; returns the error if it can't be reached. Any other refusal shows that a server is there. */
async function ping(client: MusterClient, signal: AbortSignal): Promise<RequestError | undefined> {
  try {
    await client.query(PingDocument, {}, signal);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.isTransient) return error;
  }
  return undefined;
}
