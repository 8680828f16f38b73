import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { spawnGuarded } from '../../testing/processGuard.ts';
import { testDatabaseKind } from '../../testing/testDatabase.ts';
import { openDatabase } from '../open.ts';

const openScript = (dataDir: string) => `
  import { openDatabase } from ${JSON.stringify(new URL('../open.ts', import.meta.url).href)};
  await openDatabase(${JSON.stringify({ dataDir })});
  setInterval(() => {}, 1_000);`;

describe.runIf(testDatabaseKind() === 'pglite')('O1: a process that makes the embedded database', () => {
  test.each(['muster.unfinished', 'base', 'PG_VERSION'])(
    'leaves nothing that bars the next one, or that is half there, where it is killed once there is %s',
    async (name) => {
      const dataDir = await mkdtemp(join(tmpdir(), 'muster-killed-'));
      onTestFinished(() => rm(dataDir, { recursive: true }));
      const child = spawnGuarded(process.execPath, ['--input-type=module', '--eval', openScript(dataDir)], {
        env: process.env,
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exit = once(child, 'exit');
      // A quick one may have gone on by the time of a look.
      const isThere = async () => (await readdir(dataDir)).some((each) => each === name || each === 'PG_VERSION');
      await expect.poll(isThere).toBe(true);
      child.kill('SIGKILL');
      await exit;

      const db = await openDatabase({ dataDir });
      expect(await db.prisma.supervisor.count()).toBe(0);
      await db.close();
      expect((await readdir(dataDir)).filter((each) => each.startsWith('muster.'))).toEqual([]);
    },
  );
});
