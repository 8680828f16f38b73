import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnv, spawnGuarded } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Driver } from '../src/driver/driver.ts';
import { openProcessDriver, type ProcessDriverOptions } from '../src/driver/process/processDriver.ts';
import type { RunSpec } from '../src/driver/runSpec.ts';
import { type ContractEngine, describeDriverContract, specOf } from '../testing/driverContract.ts';
import { shellProgram } from '../testing/shellProgram.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-processes-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const engine: ContractEngine = {
  open: (owner) =>
    openProcessDriver({ owner, folder, executables: ['/bin/sh'], stopsWithAgent: false, lookIntervalMs: 50 }),
  program: (behaviour) => ({ image: null, ...shellProgram(behaviour), environment: childEnv() }),
};
describeDriverContract('process', () => engine);

const startAndDie = fileURLToPath(new URL('../testing/startAndDie.ts', import.meta.url));

/** A driver in a folder for this test alone; all that it runs is gone with the test. */
async function openForTest(options: Partial<ProcessDriverOptions> = {}): Promise<{ driver: Driver; at: string }> {
  const at = options.folder ?? (await mkdtemp(join(folder, 'test-')));
  const executables = ['/bin/sh', process.execPath];
  const driver = await openProcessDriver({
    owner: 'owner-1',
    folder: at,
    executables,
    stopsWithAgent: false,
    lookIntervalMs: 50,
    ...options,
  });
  onTestFinished(async () => {
    for (const { id } of await driver.list()) await driver.remove(id);
    await driver.close();
  });
  return { driver, at };
}

/** A spec that runs a program of this machine. */
function runs(command: readonly string[], changes: Partial<RunSpec> = {}): RunSpec {
  return { ...specOf(engine, 'SERVES', { owner: 'owner-1' }), command, arguments: [], ...changes };
}

async function linesOf(driver: Driver, id: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of driver.logs(id, { tail: 1_000, follow: false })) lines.push(line);
  return lines;
}

/** The pid of the wrapper, as it noted it. */
async function leaderOf(at: string, id: string): Promise<number> {
  return Number.parseInt((await readFile(join(at, id, 'run'), 'utf8')).split('\n')[1] ?? '', 10);
}

const only = async (driver: Driver) => (await driver.list())[0];

describe('the process driver', () => {
  test('runs the programs of its list alone, by their whole paths', async () => {
    const { driver } = await openForTest();
    for (const command of [['sh'], ['/bin/../bin/sh'], ['/bin/ls'], []]) {
      await expect(driver.create(runs(command))).rejects.toMatchObject({ code: 'REFUSED' });
    }
    await expect(driver.create(runs([], { command: null }))).rejects.toThrow('expected a command');
    expect(await driver.list()).toEqual([]);
  });

  test('gives no program a variable by which the system would load other code', async () => {
    const { driver } = await openForTest();
    const spec = runs(['/bin/sh'], { environment: { LD_PRELOAD: '/tmp/other.so' } });
    await expect(driver.create(spec)).rejects.toThrow(
      'expected no variable by which the system loads other code; got LD_PRELOAD',
    );
    expect(await driver.list()).toEqual([]);
  });

  test('a program that the list has no more is not started again', async () => {
    const { driver, at } = await openForTest();
    const id = await driver.create(runs(['/bin/sh', '-c', 'exit 0']));
    const { driver: stricter } = await openForTest({ folder: at, executables: [] });
    await expect(stricter.start(id)).rejects.toMatchObject({ code: 'REFUSED' });
  });

  test('gives each plugin free ports, in its environment, with nothing of the agent’s own', async () => {
    const { driver } = await openForTest();
    const serve =
      "require('node:net').createServer((s) => s.end(JSON.stringify(process.env))).listen(process.env.PORT)";
    const ports = [
      { name: 'grpc', port: 50_051, scheme: 'grpc' },
      { name: 'admin-http', port: 8080, scheme: 'http' },
    ];
    const [one, two] = [
      runs([process.execPath, '-e', serve], { ports }),
      runs([process.execPath, '-e', serve], { ports }),
    ];
    for (const spec of [one, two]) await driver.start(await driver.create(spec));
    const found = await driver.list();
    expect(new Set(found.flatMap((each) => each.ports.map(({ port }) => port))).size).toBe(4);
    const port = found[0]?.ports[0]?.port ?? 0;
    const answer = async () => {
      const socket = connect(port, '127.0.0.1').setEncoding('utf8');
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      await once(socket, 'close').catch(() => {});
      return text;
    };
    await expect.poll(answer).toContain('PORT');
    const environment = JSON.parse(await answer());
    expect(environment).toMatchObject({ PORT: `${port}`, PORT_GRPC: `${port}`, PORT_ADMIN_HTTP: expect.any(String) });
    const expected = [
      'PATH',
      'PORT',
      'PORT_GRPC',
      'PORT_ADMIN_HTTP',
      'MUSTER_PROCESS_MARK',
      'PWD',
      ...Object.keys(childEnv()),
    ];
    expect(
      Object.keys(environment).filter((name) => !expected.includes(name) && !/^(_|OLDPWD|SHLVL)$/.test(name)),
    ).toEqual([]);
  });

  test('G10: a plugin keeps its port when it is started again, unless somebody else listens there by then', async () => {
    const { driver } = await openForTest();
    const id = await driver.create(runs(['/bin/sh', '-c', 'exec sleep 600']));
    await driver.start(id);
    const first = (await only(driver))?.ports[0]?.port;
    await driver.stop(id, 0);
    await driver.start(id);
    expect((await only(driver))?.ports[0]?.port).toBe(first);
    await driver.stop(id, 0);
    const other = createServer().listen(first);
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    await driver.start(id);
    expect((await only(driver))?.ports[0]?.port).not.toBe(first);
  });

  test('G7: knows how a plugin ended whose agent was killed before', async () => {
    const at = await mkdtemp(join(folder, 'test-'));
    const environment = { ...childEnv(), GO: join(at, '.go') };
    const wait = 'echo first; while [ ! -e "$GO" ]; do sleep 0.05; done; exit 7';
    const spec = runs(['/bin/sh', '-c', wait], { environment });
    const child = spawnGuarded(process.execPath, [startAndDie, at, JSON.stringify(spec)], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
    const { driver } = await openForTest({ folder: at });
    await expect.poll(() => only(driver), { interval: 50 }).toMatchObject({ id: spec.name, status: 'RUNNING' });
    await expect.poll(() => linesOf(driver, spec.name)).toEqual(['first']);
    await writeFile(environment.GO, '');
    await expect.poll(() => only(driver), { interval: 50 }).toMatchObject({ status: 'ENDED', exitCode: 7 });
  });

  test('G5: names the signal that a plugin ended by', async () => {
    const { driver } = await openForTest();
    await driver.start(await driver.create(runs(['/bin/sh', '-c', 'kill -SEGV $$'])));
    await expect
      .poll(() => only(driver), { interval: 50 })
      .toMatchObject({ status: 'ENDED', exitCode: 139, reason: 'SIGSEGV' });
  });

  test('ends what a plugin has started, too, also what is left when it has ended by itself', async () => {
    const { driver, at } = await openForTest();
    const id = await driver.create(runs(['/bin/sh', '-c', 'sleep 600 & echo $!; exit 0']));
    await driver.start(id);
    await expect.poll(() => only(driver), { interval: 50 }).toMatchObject({ status: 'ENDED', exitCode: 0 });
    const [pid] = await linesOf(driver, id);
    const isThere = () =>
      stat(`/proc/${pid}`).then(
        () => true,
        () => false,
      );
    expect(await isThere()).toBe(true);
    await driver.stop(id, 60_000);
    await expect.poll(isThere).toBe(false);
    expect(await only(driver)).toMatchObject({ status: 'ENDED', exitCode: 0 });
    expect(await leaderOf(at, id)).toBeGreaterThan(0);
  });

  test('a plugin whose wrapper alone was killed still runs, and is stopped with the rest', async () => {
    const { driver, at } = await openForTest();
    const id = await driver.create(runs(['/bin/sh', '-c', 'echo $$; sleep 600 & wait']));
    await driver.start(id);
    await expect.poll(() => linesOf(driver, id)).toHaveLength(1);
    process.kill(await leaderOf(at, id), 'SIGKILL');
    const [pid = ''] = await linesOf(driver, id);
    expect(await only(driver)).toMatchObject({ status: 'RUNNING' });
    await driver.stop(id, 60_000);
    await expect
      .poll(() =>
        stat(`/proc/${pid}`).then(
          () => true,
          () => false,
        ),
      )
      .toBe(false);
    expect(await only(driver)).toMatchObject({
      status: 'ENDED',
      exitCode: null,
      reason: expect.stringContaining('nobody saw'),
    });
  });

  test('G7: neither adopts nor kills a process that has got the pid of one that ended', async () => {
    const { driver, at } = await openForTest();
    const innocent = spawnGuarded('/bin/sh', ['-c', 'echo ready; exec sleep 600'], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(innocent.stdout, 'data');
    const id = await driver.create(runs(['/bin/sh', '-c', 'exit 0']));
    await driver.start(id);
    await expect.poll(() => only(driver), { interval: 50 }).toMatchObject({ status: 'ENDED' });
    const [boot, line] = (await readFile(join(at, id, 'run'), 'utf8')).split('\n');
    await writeFile(join(at, id, 'run'), `${boot}\n${line?.replace(/^\d+/, `${innocent.pid}`)}\n`);
    expect(await only(driver)).toMatchObject({ status: 'ENDED', exitCode: null });
    // The same pid and the same start, but of the host before it was started anew.
    const stat = await readFile(`/proc/${innocent.pid}/stat`, 'utf8');
    await writeFile(join(at, id, 'run'), `${'0'.repeat(36)}\n${stat}`);
    expect(await only(driver)).toMatchObject({ status: 'ENDED', exitCode: null });
    await driver.stop(id, 0);
    await driver.remove(id);
    expect(innocent.exitCode).toBeNull();
    const ended = once(innocent, 'exit');
    innocent.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
  });

  test('G12: a plugin that takes more memory than it may is killed, and the reason says so', async () => {
    const { driver } = await openForTest();
    const limits = { ...runs([]).limits, memoryMib: 150 };
    const take = 'const held = []; setInterval(() => held.push(Buffer.alloc(4e6, 1)), 5)';
    const id = await driver.create(runs([process.execPath, '-e', take], { limits }));
    await driver.start(id);
    await expect
      .poll(() => only(driver), { interval: 50 })
      .toMatchObject({ status: 'ENDED', exitCode: 137, reason: expect.stringMatching(/took \d+ MiB .* may take 150/) });
  });

  test('G12: so is one that has more processes than it may', async () => {
    const { driver } = await openForTest();
    const limits = { ...runs([]).limits, pids: 10 };
    const fork = 'for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 600 & done; wait';
    await driver.start(await driver.create(runs(['/bin/sh', '-c', fork], { limits })));
    await expect
      .poll(() => only(driver), { interval: 50 })
      .toMatchObject({
        status: 'ENDED',
        reason: expect.stringContaining('may have 10'),
      });
  });

  test('G9: logs are moved aside at 10 MiB, three are kept, and who follows them misses nothing', async () => {
    const { driver, at } = await openForTest();
    const id = await driver.create(
      runs(['/bin/sh', '-c', 'trap "exit 0" TERM; echo first; while [ ! -e "$GO" ]; do sleep 0.05; done; echo last'], {
        environment: { ...childEnv(), GO: join(at, '.go') },
      }),
    );
    await driver.start(id);
    const log = join(at, id, 'output.log');
    const maxBytes = 10 * 1024 * 1024;
    await expect.poll(() => linesOf(driver, id)).toEqual(['first']);
    const seen: string[] = [];
    const following = (async () => {
      for await (const line of driver.logs(id, { tail: 10, follow: true })) seen.push(line.slice(0, 10));
    })();
    await expect.poll(() => seen).toEqual(['first']);
    for (const turn of [1, 2, 3]) {
      // The write that makes it large is one: what is written while it is moved may be lost.
      await appendFile(log, `turn ${turn}${'.'.repeat(maxBytes - 100)}`);
      await appendFile(log, `${'.'.repeat(200)}\n`);
      await expect.poll(async () => (await stat(log)).size).toBe(0);
      await expect.poll(() => seen).toHaveLength(turn + 1);
    }
    await writeFile(join(at, '.go'), '');
    await following;
    expect(seen).toEqual(['first', 'turn 1....', 'turn 2....', 'turn 3....', 'last']);
    expect((await readFile(`${log}.1`, 'utf8')).slice(0, 6)).toBe('turn 3');
    expect((await readFile(`${log}.2`, 'utf8')).slice(0, 6)).toBe('turn 2');
    await expect(stat(`${log}.3`)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('G8: where it is configured so, what runs ends with the agent', async () => {
    const { driver, at } = await openForTest({ stopsWithAgent: true });
    const id = await driver.create(runs(['/bin/sh', '-c', "trap 'exit 5' TERM; while :; do sleep 0.1; done"]));
    await driver.start(id);
    await driver.close();
    const { driver: next } = await openForTest({ folder: at });
    expect(await only(next)).toMatchObject({ id, status: 'ENDED' });
  });

  test('keeps what it notes of a plugin for its own user alone, since the environment may hold secrets', async () => {
    const { driver, at } = await openForTest();
    const id = await driver.create(runs(['/bin/sh'], { environment: { TOKEN: 'secret' } }));
    expect((await stat(join(at, id))).mode & 0o777).toBe(0o700);
    expect((await stat(join(at, id, 'record.json'))).mode & 0o777).toBe(0o600);
  });
});
