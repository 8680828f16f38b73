import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { expect, test, vi } from 'vitest';
import { spawnGuarded } from '../testing/processGuard.ts';
import { beginRun } from '../testing/testRun.ts';
import { administrationUrl } from '../testing/versions.ts';

interface Left {
  folder: string;
  pid: number;
  database?: string;
}

/** Kills a run half-way, and returns what it left behind. */
async function killRun(): Promise<Left> {
  const script = fileURLToPath(new URL('killedRun.ts', import.meta.url));
  const run = spawnGuarded(process.execPath, [script], { env: process.env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [text] = await once(run.stdout, 'data');
  const ended = once(run, 'exit');
  run.kill('SIGKILL');
  await ended;
  return JSON.parse(String(text));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function isThere(database: string): Promise<boolean> {
  const client = new Client({ connectionString: administrationUrl });
  await client.connect();
  const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [database]);
  await client.end();
  return rowCount === 1;
}

test('a run that is killed takes its child processes along, and the next removes its folder and its databases', async () => {
  const { folder, pid, database } = await killRun();
  await vi.waitUntil(() => !isAlive(pid), { timeout: 60_000 });
  const next = await beginRun();
  expect(await readdir(dirname(folder))).not.toContain(folder);
  if (database !== undefined) expect(await isThere(database)).toBe(false);
  expect(await next.end()).toEqual([]);
});

test.runIf(process.platform === 'linux')('a child that outlives its run is ended by the next', async () => {
  const before = process.env.MUSTER_TEST_RUN;
  const run = await beginRun();
  process.env.MUSTER_TEST_RUN = run.id;
  const child = spawnGuarded(process.execPath, ['--eval', 'setInterval(() => {}, 1_000)'], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  process.env.MUSTER_TEST_RUN = before;
  const ended = once(child, 'exit');
  expect(await run.end()).toEqual([expect.stringContaining(`process ${child.pid}: `)]);
  expect(await ended).toEqual([null, 'SIGKILL']);
});

test('what another run that lives has made stays', async () => {
  const living = await beginRun();
  const other = await beginRun();
  expect(await readdir(dirname(living.folder))).toContain(living.folder.split('/').at(-1));
  expect(await other.end()).toEqual([]);
  expect(await living.end()).toEqual([]);
});
