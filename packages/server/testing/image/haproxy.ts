import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnGuarded } from '@muster/db/testing';
import { expect } from 'vitest';

/** Starts HAProxy before servers on ports of loopback: a request goes to one that is ready. */
export async function startHaproxy(
  port: number,
  servers: readonly number[],
): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-haproxy-'));
  const file = join(folder, 'haproxy.cfg');
  const lines = servers.map((each) => `  server muster-${each} 127.0.0.1:${each} check inter 200ms fall 1 rise 1`);
  await writeFile(
    file,
    `defaults
  mode http
  timeout connect 2s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
listen muster
  bind 127.0.0.1:${port}
  option httpchk GET /ready
${lines.join('\n')}
`,
  );
  const child = spawnGuarded('haproxy', ['-db', '-f', file], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.stdout.resume();
  child.stderr.resume();
  const ended = once(child, 'close');
  const url = `http://127.0.0.1:${port}`;
  const status = async () => (await fetch(`${url}/ready`).catch(() => undefined))?.status;
  await expect.poll(status, { interval: 100 }).toBe(200);
  return {
    url,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      await rm(folder, { recursive: true });
    },
  };
}
