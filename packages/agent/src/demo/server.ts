import { setTimeout as sleep } from 'node:timers/promises';
import type { GraphqlClient } from '../graphqlClient.ts';
import { RequestError } from '../requestError.ts';
import type { Narrate } from './narrator.ts';
import { pingOperation } from './operations.ts';

interface WaitOptions {
  client: GraphqlClient;
  narrate: Narrate;
  retryMs: number;
  signal: AbortSignal;
}

/** How long to wait before saying again that there is still no server. */
const remindAfterMs = 15_000;

/**
 * Resolves once the server answers, and says so whenever it doesn't.
 *
 * @param trouble what made the caller doubt it; without any, the first line is of what is found here
 */
export async function waitForServer(options: WaitOptions, trouble?: RequestError): Promise<void> {
  const { client, retryMs, signal } = options;
  const narrate = (what: string, result: string) => options.narrate({ domain: '', actor: 'demo', what, result });
  let lastTold = Number.NEGATIVE_INFINITY;
  let found = trouble ?? (await ping(client, signal));
  const wasDown = found !== undefined;
  while (found) {
    if (performance.now() - lastTold >= remindAfterMs) {
      lastTold = performance.now();
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
  return `start one with "npx -y pnpm@12 start", or name another in MUSTER_URL; trying again every ${retryMs / 1000} s`;
}

/** Why the server can't be used for now; any other refusal is a server's, so one is there. */
async function ping(client: GraphqlClient, signal: AbortSignal): Promise<RequestError | undefined> {
  try {
    await client.request(pingOperation, {}, signal);
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (error.isTransient) return error;
  }
  return undefined;
}
