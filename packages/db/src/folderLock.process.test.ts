import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { spawnGuarded } from '../testing/processGuard.ts';
import { lockFolder } from './folderLock.ts';
import { DatabaseSetupError } from './setupError.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-lock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Another process that holds the folder until it is killed. */
async function holdInOtherProcess(folder: string): Promise<ChildProcess> {
  const script = `
    import { lockFolder } from ${JSON.stringify(new URL('folderLock.ts', import.meta.url).href)};
    await lockFolder(${JSON.stringify(folder)});
    process.stdout.write('held');
    setInterval(() => {}, 1_000);`;
  const child = spawnGuarded(process.execPath, ['--input-type=module', '--eval', script], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout ?? child, 'data');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const lockOf = (folder: string) => join(folder, 'muster.lock');

test('a folder is made if it is missing, and holds nothing once it has been let go', async () => {
  const folder = join(await newFolder(), 'a', 'b');
  const unlock = await lockFolder(folder);
  expect(await readdir(folder)).toEqual(['muster.lock']);
  await unlock();
  expect(await readdir(folder)).toEqual([]);
});

test('one that a living process holds is refused, naming the folder and the process', async () => {
  const folder = await newFolder();
  const child = await holdInOtherProcess(folder);
  const refused = lockFolder(folder);
  await expect(refused).rejects.toThrow(DatabaseSetupError);
  await expect(refused).rejects.toThrow(`the folder ${folder} is in use by process ${child.pid}; stop that process`);
  expect(await readdir(folder)).toEqual(['muster.lock']);
});

test('one whose process was killed is taken over', async () => {
  const folder = await newFolder();
  await kill(await holdInOtherProcess(folder));
  expect(await readdir(folder)).toEqual(['muster.lock']);
  const unlock = await lockFolder(folder);
  expect(JSON.parse(await readFile(lockOf(folder), 'utf8'))).toMatchObject({ pid: process.pid });
  await unlock();
});

test('this very process can hold it once', async () => {
  const folder = await newFolder();
  const unlock = await lockFolder(folder);
  await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${process.pid}`);
  await unlock();
  await (await lockFolder(folder))();
});

test('of many who take over a stale one at once exactly one gets it', async () => {
  const folder = await newFolder();
  const ofNobody = JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' });
  for (let round = 0; round < 50; round++) {
    await writeFile(lockOf(folder), ofNobody);
    const takers = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)));
    const [unlock, ...others] = takers.flatMap((taker) => (taker.status === 'fulfilled' ? [taker.value] : []));
    expect(others).toEqual([]);
    expect(await readdir(folder)).toEqual(['muster.lock']);
    await unlock?.();
    expect(await readdir(folder)).toEqual([]);
  }
});

test('a taker that was killed within its turn holds nobody up', async () => {
  const folder = await newFolder();
  const ofNobody = JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' });
  await writeFile(lockOf(folder), ofNobody);
  await writeFile(`${lockOf(folder)}.takeover`, ofNobody);
  await (await lockFolder(folder))();
  expect(await readdir(folder)).toEqual([]);
});

test.runIf(process.platform === 'linux')(
  'a process that has the number of the one that held it is not taken for it',
  async () => {
    const folder = await newFolder();
    const ofLivingNumber = { pid: process.ppid, startedAt: '1' };
    for (const holder of [ofLivingNumber, { pid: process.pid, startedAt: '1' }]) {
      await writeFile(lockOf(folder), JSON.stringify(holder));
      await (await lockFolder(folder))();
    }
  },
);

test.each(['', '{', 'null', '{}', '{"pid":-1,"startedAt":""}', '{"pid":0,"startedAt":""}'])(
  'a lock that a crash left without its content is nobody’s: %j',
  async (text) => {
    const folder = await newFolder();
    await writeFile(lockOf(folder), text);
    await (await lockFolder(folder))();
    expect(await readdir(folder)).toEqual([]);
  },
);
