import { type ChildProcess, execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { spawnGuarded } from '../../testing/processGuard.ts';
import { DatabaseSetupError } from '../setup/setupError.ts';
import { FolderLostError, lockFolder } from './folderLock.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-lock-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Holds the folder and says so, until it is killed; or says why not. */
const holdScript = (folder: string, options = {}) => `
  import { lockFolder } from ${JSON.stringify(new URL('folderLock.ts', import.meta.url).href)};
  try {
    await lockFolder(${JSON.stringify(folder)}, ${JSON.stringify(options)});
    process.stdout.write('held');
    setInterval(() => {}, 1_000);
  } catch (error) {
    process.stdout.write(error.message);
  }`;

/** Another process that has tried to get the folder, and what it said. */
async function tryInOtherProcess(folder: string, options = {}, prefix: readonly string[] = []) {
  const [command = '', ...args] = [
    ...prefix,
    process.execPath,
    '--input-type=module',
    '--eval',
    holdScript(folder, options),
  ];
  const child = spawnGuarded(command, args, { env: process.env, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => kill(child));
  const [said] = await once(child.stdout, 'data');
  return { child, said: String(said) };
}

async function holdInOtherProcess(folder: string, options = {}, prefix: readonly string[] = []): Promise<ChildProcess> {
  const { child, said } = await tryInOtherProcess(folder, options, prefix);
  expect(said).toBe('held');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

const filesOf = (folder: string) => readdir(folder).then((names) => names.sort());
const ofOneHolder = [
  expect.stringMatching(/^muster\.lock\.[0-9a-f]{16}$/),
  expect.stringMatching(/^muster\.sock\.[0-9a-f]{16}$/),
];

describe('O1: a locked folder', () => {
  test('is made if it is missing, and holds nothing once it has been let go', async () => {
    const folder = join(await newFolder(), 'a', 'b');
    const lock = await lockFolder(folder);
    expect(await filesOf(folder)).toEqual(ofOneHolder);
    lock.assertHeld();
    await lock.release();
    expect(await filesOf(folder)).toEqual([]);
  });

  test('is refused to others while its process lives, naming the folder, the process and its host', async () => {
    const folder = await newFolder();
    const child = await holdInOtherProcess(folder);
    const refused = lockFolder(folder);
    await expect(refused).rejects.toThrow(DatabaseSetupError);
    await expect(refused).rejects.toThrow(
      new RegExp(`the folder ${folder} is in use by process ${child.pid} on the host \\S+; stop that process`),
    );
    expect(await filesOf(folder)).toEqual(ofOneHolder);
  });

  test('is held once by this very process', async () => {
    const folder = await newFolder();
    const lock = await lockFolder(folder);
    await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${process.pid}`);
    await lock.release();
    await (await lockFolder(folder)).release();
  });

  test('is held by a process that stands still, on the same machine', async () => {
    const folder = await newFolder();
    const child = await holdInOtherProcess(folder);
    child.kill('SIGSTOP');
    await expect(lockFolder(folder, { silentMs: 1 })).rejects.toThrow(`in use by process ${child.pid}`);
  });

  test('is held though somebody removed the file of the lock', async () => {
    const folder = await newFolder();
    const child = await holdInOtherProcess(folder, { beatMs: 600_000 });
    const [file = ''] = await filesOf(folder);
    const text = await readFile(join(folder, file));
    await unlink(join(folder, file));
    const other = lockFolder(folder);
    // Nobody else gets it: the other waits for the file of what it takes for a claim that is being made.
    await expect.poll(async () => (await filesOf(folder)).length).toBe(3);
    await writeFile(join(folder, file), text);
    await expect(other).rejects.toThrow(`in use by process ${child.pid}`);
  });

  test('is taken over from a process that was killed', async () => {
    const folder = await newFolder();
    await kill(await holdInOtherProcess(folder));
    expect(await filesOf(folder)).toEqual(ofOneHolder);
    const waited: string[] = [];
    const lock = await lockFolder(folder, { onWait: (message) => waited.push(message) });
    expect(await filesOf(folder)).toEqual(ofOneHolder);
    expect(waited).toEqual([]);
    await lock.release();
  });

  test('may have a path longer than that of a socket', async () => {
    const folder = join(await newFolder(), 'x'.repeat(200), 'y'.repeat(200));
    const child = await holdInOtherProcess(folder);
    expect(await filesOf(folder)).toEqual(ofOneHolder);
    await expect(lockFolder(folder)).rejects.toThrow(`in use by process ${child.pid}`);
  });

  test('goes to exactly one of many who want it at once, whatever a killed process left', async () => {
    const folder = await newFolder();
    await kill(await holdInOtherProcess(folder));
    const remains = join(await newFolder(), 'remains');
    await promisify(execFile)('cp', ['-a', folder, remains]);
    for (let round = 0; round < 30; round++) {
      await promisify(execFile)('cp', ['-a', `${remains}/.`, folder]);
      const takers = await Promise.allSettled(Array.from({ length: 10 }, () => lockFolder(folder)));
      const [lock, ...others] = takers.flatMap((taker) => (taker.status === 'fulfilled' ? [taker.value] : []));
      expect(others).toEqual([]);
      expect(await filesOf(folder)).toEqual(ofOneHolder);
      await lock?.release();
      expect(await filesOf(folder)).toEqual([]);
    }
  });

  test('goes to exactly one of many processes that start at once', async () => {
    const folder = await newFolder();
    for (let round = 0; round < 3; round++) {
      const tries = await Promise.all(Array.from({ length: 5 }, () => tryInOtherProcess(folder)));
      const holders = tries.filter(({ said }) => said === 'held');
      expect(holders).toHaveLength(1);
      for (const { said } of tries) expect(said).toMatch(/^held$|^MUSTER_DATA_DIR: the folder .* is in use by /);
      for (const { child } of tries) await kill(child);
    }
  });

  test.each(['muster.lock.0123456789abcdef', 'muster.sock.0123456789abcdef', 'muster.new.0123456789abcdef'])(
    'is free of what a crash left without its content: %s',
    async (name) => {
      const folder = await newFolder();
      await writeFile(join(folder, name), '');
      await (await lockFolder(folder, { silentMs: 50 })).release();
      expect(await filesOf(folder)).toEqual([]);
    },
  );

  test('may be one that was copied while it was in use', async () => {
    const folder = await newFolder();
    await holdInOtherProcess(folder);
    const copies = await newFolder();
    await promisify(execFile)('cp', ['-a', folder, join(copies, 'with sockets')]);
    await cp(folder, join(copies, 'without'), { recursive: true, filter: (path) => !path.includes('muster.sock.') });
    for (const copy of ['with sockets', 'without']) {
      await (await lockFolder(join(copies, copy))).release();
      expect(await filesOf(join(copies, copy))).toEqual([]);
    }
  });

  // The number is 1 in either container, or the same by chance in a third.
  const ownNumbers = ['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'];
  const canUnshare = spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;
  test.runIf(canUnshare)(
    'is refused to another container on the machine, whatever its processes’ numbers are',
    async () => {
      const folder = await newFolder();
      const container = await holdInOtherProcess(folder, {}, ownNumbers);
      const other = await tryInOtherProcess(folder, {}, ownNumbers);
      expect(other.said).toMatch(/is in use by process 1 on the host/);
      await expect(lockFolder(folder)).rejects.toThrow('is in use by process 1 on the host');
      await kill(container);
      await expect
        .poll(() =>
          lockFolder(folder).then(
            (lock) => lock.release(),
            () => 'in use',
          ),
        )
        .toBeUndefined();
    },
  );
});

describe('O1: a folder that several machines can reach', () => {
  const elsewhere = { kernel: 'another' };

  test('is refused while the heartbeat of the other goes on', async () => {
    const folder = await newFolder();
    const child = await holdInOtherProcess(folder, { ...elsewhere, beatMs: 20 });
    await moveSockets(folder);
    const waited: string[] = [];
    await expect(lockFolder(folder, { onWait: (message) => waited.push(message) })).rejects.toThrow(
      `in use by process ${child.pid}`,
    );
    for (const message of waited) expect(message).toMatch(/was in use on another machine.* waiting for up to 30 s/);
  });

  test('is taken over once the heartbeat has been still for long enough, and what waits is told', async () => {
    const folder = await newFolder();
    await kill(await holdInOtherProcess(folder, elsewhere));
    const waited: string[] = [];
    const lock = await lockFolder(folder, { silentMs: 100, onWait: (message) => waited.push(message) });
    expect(waited).toEqual([expect.stringContaining('was in use on another machine, or before a restart of this one')]);
    await lock.release();
    expect(await filesOf(folder)).toEqual([]);
  });

  test('goes to exactly one of two machines that want it at once', async () => {
    const folder = await newFolder();
    for (let round = 0; round < 5; round++) {
      const claims = [elsewhere, {}].map((kernel) => lockFolder(folder, { ...kernel, beatMs: 20 }));
      const outcomes = await Promise.allSettled(claims);
      const locks = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(locks).toHaveLength(1);
      await locks[0]?.release();
    }
  });

  test('is lost to a process that stood still for longer: it does no more there, and its claim doesn’t come back', async () => {
    const folder = await newFolder();
    const lost: FolderLostError[] = [];
    const still = await lockFolder(folder, { ...elsewhere, beatMs: 500, onLost: (error) => lost.push(error) });
    await moveSockets(folder);
    const taker = await lockFolder(folder, { silentMs: 50 });
    await expect.poll(() => lost).toEqual([expect.any(FolderLostError)]);
    expect(() => still.assertHeld()).toThrow('another process has taken the folder');
    taker.assertHeld();
    await still.release();
    expect(await filesOf(folder)).toEqual(ofOneHolder);
    await taker.release();
  });

  test('is known to be lost before the next heartbeat', async () => {
    const folder = await newFolder();
    const still = await lockFolder(folder, { ...elsewhere, beatMs: 600_000, silentMs: 50 });
    await moveSockets(folder);
    const taker = await lockFolder(folder, { silentMs: 100 });
    expect(() => still.assertHeld()).toThrow(FolderLostError);
    await still.release();
    await taker.release();
  });

  /** On another machine nobody answers at the sockets of this one. */
  async function moveSockets(folder: string): Promise<void> {
    for (const name of await filesOf(folder)) {
      if (name.startsWith('muster.sock.')) await unlink(join(folder, name));
    }
  }
});
