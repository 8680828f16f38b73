import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { DemoError } from './demoError.ts';
import type { Narration } from './narrator.ts';
import { playDemo } from './playDemo.ts';

describe('the demo', () => {
  it('says which server it misses and how to start one, keeps trying, and goes on once there is one', async () => {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/graphql`;
    const told: Narration[] = [];
    const missed = Promise.withResolvers<void>();
    const done = playDemo({
      url,
      rounds: 1,
      tickMs: 5,
      random: () => 0.5,
      narrate: (narration) => {
        told.push(narration);
        missed.resolve();
      },
    });
    await missed.promise;
    expect(told[0]?.what).toContain(`finds no Muster server at ${url}`);
    expect(told[0]?.what).toContain('ECONNREFUSED');
    expect(told[0]?.result).toContain('npx -y pnpm@12 start');
    await listen(refusing('NOT_FOUND'), port);
    await done;
    expect(told[1]?.what).toContain('reaches the server');
  });

  it('tells of a refusal once, and not each round again', async () => {
    const told: Narration[] = [];
    await playDemo({
      url: await listen(refusing('RATE_LIMITED')),
      rounds: 4,
      tickMs: 5,
      random: () => 0.5,
      narrate: (narration) => void told.push(narration),
    });
    const publishes = told.filter(({ what }) => what === 'publishes');
    expect(publishes).toHaveLength(12);
    for (const { result } of publishes) expect(result).toBe('refused, RATE_LIMITED: no');
  });

  it.each(['UNAUTHENTICATED', 'FORBIDDEN'])('ends with advice when the credential is %s', async (code) => {
    const url = await listen(refusing(code));
    const done = playDemo({ url, token: 'wrong', tickMs: 5, random: () => 0.5, narrate: () => {} });
    await expect(done).rejects.toThrow(DemoError);
    await expect(done).rejects.toThrow(`${code}: no`);
    await expect(done).rejects.toThrow('MUSTER_TOKEN');
  });

  it.each([
    ['while it waits for an answer', async () => listen(() => {})],
    ['while it waits for a server', async () => `http://127.0.0.1:${await freePort()}/graphql`],
    ['before it began', async () => listen(() => {}), true],
  ])('stops at once %s', async (_, target, atOnce = false) => {
    const url = await target();
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(new AbortController().signal);
    const stopping = new AbortController();
    if (atOnce) stopping.abort();
    const done = playDemo({ url, random: () => 0.5, narrate: () => {}, signal: stopping.signal });
    stopping.abort();
    // No time-out would end it: there is none.
    await done;
  });
});

const servers: Server[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(answer: RequestListener, port = 0): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`;
}

async function freePort(): Promise<number> {
  const url = new URL(await listen(() => {}));
  await new Promise((resolve) => servers.pop()?.close(resolve));
  return Number(url.port);
}

function refusing(code: string): RequestListener {
  const answer = JSON.stringify({ errors: [{ message: 'no', extensions: { code } }] });
  return (_, response) => void response.end(answer);
}
