import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { childEnv } from '@muster/db/testing';
import { expect, test } from 'vitest';
import { readConfig } from '../src/config/config.ts';
import { createLog } from '../src/observe/log.ts';
import { startServer } from '../src/startServer.ts';

const main = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

test('A4, A5: a key from the command line is what a server then asks everybody for', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-cli-'));
  const env = { MUSTER_DATA_DIR: join(folder, 'data'), PORT: '0', GRPC_PORT: '0', MUSTER_LOG_LEVEL: 'silent' };
  const muster = async (...words: string[]) =>
    promisify(execFile)(process.execPath, [main, ...words], {
      env: { ...process.env, ...childEnv(), DATABASE_URL: undefined, ...env },
    });
  try {
    const none = await muster('keys', 'list');
    expect(none).toEqual({ stdout: '', stderr: expect.stringMatching(/no keys: none was made yet\n$/) });
    const made = await muster('keys', 'create', '--name', 'first', '--role', 'ADMIN');
    const token = made.stdout.trim();
    expect(token).toMatch(/^muster_[0-9a-f]{12}_/);
    expect((await muster('keys', 'list')).stdout).toMatch(
      /^key-[0-9a-f]{12} "first": ADMIN of all domains, without an end\n$/,
    );
    const listed = await muster('keys', 'list', '--json');
    expect(JSON.parse(listed.stdout)).toMatchObject({ name: 'first', role: 'ADMIN', domainId: null });
    expect(listed.stdout).not.toContain(token);
    await expect(muster('keys', 'revoke', 'key-000000000000')).rejects.toMatchObject({
      stderr: 'no API key "key-000000000000"\n',
    });

    const agent = await muster('keys', 'create', '--agent-jwt', '--hostname', 'edge-1', '--domain', 'acme');
    expect(agent.stdout.trim().split('.')).toHaveLength(3);
    expect(agent.stderr).toMatch(/^key-[0-9a-f]{12} "edge-1": SUPERVISOR of acme, until .*TOKEN:\n$/);

    const config = readConfig(env);
    const server = await startServer(config, createLog(config));
    try {
      const ask = (authorization?: string) =>
        fetch(`${server.url}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...(authorization ? { authorization } : {}) },
          body: JSON.stringify({ query: '{ viewer { role subject } }' }),
        });
      expect(server.open).toBe(false);
      const refused = await ask();
      expect(refused.status).toBe(401);
      expect(refused.headers.get('www-authenticate')).toBe('Bearer');
      expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
      expect(await (await ask(`Bearer ${token}`)).json()).toMatchObject({ data: { viewer: { role: 'ADMIN' } } });
      expect(await (await ask(`Bearer ${agent.stdout.trim()}`)).json()).toMatchObject({
        data: { viewer: { role: 'SUPERVISOR' } },
      });
      // A running server holds the embedded database; the command says so, and what to do instead.
      await expect(muster('keys', 'list')).rejects.toMatchObject({ stderr: expect.stringContaining('in use') });
    } finally {
      await server.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
