import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newApiKey } from '@muster/core';
import { beforeEach, expect, test } from 'vitest';
import { createStorage, expectNoStart, spawnServer } from '../testing/index.ts';

let file: string;
beforeEach(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-bootstrap-'));
  file = join(folder, 'key');
  return () => rm(folder, { recursive: true });
});
const env = () => ({ HOST: '0.0.0.0', MUSTER_BOOTSTRAP_KEY_FILE: file });

test('A10: a server that is given its first key listens where others can reach it, and asks for that key', async () => {
  const key = newApiKey();
  await writeFile(file, `${key}\n`);
  const storage = await createStorage();
  const server = await spawnServer({ ...storage.env, ...env() });
  try {
    const url = server.url.replace('0.0.0.0', '127.0.0.1');
    const ask = (headers: Record<string, string>) =>
      fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: '{ viewer { role } }' }),
      });
    expect((await ask({})).status).toBe(401);
    const answer = await ask({ authorization: `Bearer ${key}` });
    expect(await answer.json()).toEqual({ data: { viewer: { role: 'ADMIN' } } });
    expect(server.output()).toContain('The first API key is that of MUSTER_BOOTSTRAP_KEY');
    expect(server.output()).not.toContain(key);
  } finally {
    server.kill('SIGTERM');
    await server.ended;
    await storage.remove();
  }
});

test('A10: a text that is no key is refused, and not shown', async () => {
  await writeFile(file, 'secret');
  await expectNoStart(env(), /MUSTER_BOOTSTRAP_KEY: expected an API key, such as .*; got another text/);
});
