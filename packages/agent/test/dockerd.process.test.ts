import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Docker, startDocker, whyNoEngine } from '@muster/server/testing/docker';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openDockerDriver } from '../src/driver/docker/dockerDriver.ts';
import type { Driver, ImageStore } from '../src/driver/driver.ts';
import type { RunSpec } from '../src/driver/runSpec.ts';
import type { StateFile } from '../src/state/stateFile.ts';
import { type ContractEngine, describeDriverContract, specOf } from '../testing/driverContract.ts';
import { openRegistry, type Registry } from '../testing/registry.ts';
import { makeShellImage } from '../testing/shellImage.ts';
import { shellProgram } from '../testing/shellProgram.ts';
import { type SupervisedDocker, superviseDocker, wishOf } from '../testing/superviseDocker.ts';

/*
 * The same rules on a real engine: Debian's dockerd, which needs root. Its containers have a network that this machine does not
 * see, so that they can have ports without touching the machine's.
 */
const image = 'muster-contract:1';
let started: Docker | string;
beforeAll(async () => {
  started = (await whyNoEngine()) ?? (await startDocker('BRIDGE'));
  if (typeof started === 'string') {
    process.stderr.write(`Skipped: the tests of the docker driver on a real engine, since ${started}.\n`);
    return;
  }
  const { docker } = started;
  await makeShellImage((archive) => docker('import', archive, image));
});
afterAll(async () => {
  if (typeof started !== 'string') await started?.stop();
});
beforeEach(({ skip }) => {
  if (typeof started === 'string') skip(started);
});

function socketPath(): string {
  if (typeof started === 'string') throw new Error(started);
  return started.socketPath;
}

const open = (owner: string) =>
  openDockerDriver({ owner, socketPath: socketPath(), network: 'bridge', registries: {} });
const engine: ContractEngine = {
  open: async (owner) => open(owner),
  program: (behaviour) => ({ image, ...shellProgram(behaviour), environment: {} }),
};
describeDriverContract('docker, on a real engine', () => engine);

describe('a container of a real engine', () => {
  const owner = 'owner-1';
  async function run(script: string, changes: Partial<RunSpec> = {}): Promise<{ driver: Driver; id: string }> {
    const driver = open(owner);
    const spec = {
      ...specOf(engine, 'SERVES', { owner }),
      command: ['/bin/sh', '-c', script],
      arguments: [],
      ...changes,
    };
    const id = await driver.create(spec);
    onTestFinished(async () => {
      await driver.remove(id);
      await driver.close();
    });
    await driver.start(id);
    return { driver, id };
  }
  const ended = (driver: Driver) =>
    expect.poll(async () => (await driver.list())[0], { interval: 50 }).toMatchObject({ status: 'ENDED' });
  async function linesOf(driver: Driver, id: string): Promise<string[]> {
    const lines: string[] = [];
    for await (const line of driver.logs(id, { tail: 1_000, follow: false })) lines.push(line);
    return lines;
  }

  test('G12: is nobody, has no capability, gets no new privilege, and writes to /tmp alone', async () => {
    const { driver, id } = await run(`
      while read -r line; do echo "$line"; done < /proc/self/status
      echo there > /tmp/there && echo 'wrote to /tmp'
      echo here > /here || echo 'could not write to /'`);
    await ended(driver);
    const lines = (await linesOf(driver, id)).map((line) => line.replaceAll(/\s+/g, ' '));
    expect(lines).toEqual(
      expect.arrayContaining([
        'Uid: 65532 65532 65532 65532',
        'Gid: 65532 65532 65532 65532',
        'CapEff: 0000000000000000',
        'CapBnd: 0000000000000000',
        'NoNewPrivs: 1',
        'wrote to /tmp',
        'could not write to /',
      ]),
    );
  });

  test('G12: is ended by the kernel where it takes more memory than it may', async () => {
    const { limits } = specOf(engine, 'SERVES', { owner });
    const { driver } = await run('x=aaaaaaaaaaaaaaaa; while :; do x=$x$x; done', {
      limits: { ...limits, memoryMib: 16 },
    });
    await ended(driver);
    expect(await driver.list()).toMatchObject([{ exitCode: 137, reason: 'OOMKilled' }]);
  });

  test('G10: has its port in the environment, and answers at one of the host’s that the engine picked', async () => {
    const { driver, id } = await run('echo "port $PORT"; while :; do sleep 0.1; done');
    await expect.poll(() => linesOf(driver, id), { interval: 50 }).toEqual(['port 50051']);
    const port = (await driver.list())[0]?.ports[0]?.port;
    expect(port).toBeGreaterThan(1_024);
    expect(port).not.toBe(50_051);
  });

  test('whose program is not there is refused in the engine’s words', async () => {
    await expect(run('', { command: ['/absent'] })).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('/absent'),
    });
    const driver = open(owner);
    for (const { id } of await driver.list()) await driver.remove(id);
  });
});

describe('the images of a real engine', () => {
  test('G11: are found by any of their names, and kept while a container is made of them', async () => {
    const owner = 'owner-2';
    const driver = open(owner);
    const { images } = driver;
    expect(await images?.has(image)).toBe(true);
    expect(await images?.has('muster-contract:absent')).toBe(false);
    const find = async () => (await images?.list())?.find(({ names }) => names.includes(`docker.io/library/${image}`));
    const stored = await find();
    expect(stored).toMatchObject({ isUsed: false });
    const id = await driver.create(specOf(engine, 'SERVES', { owner }));
    expect(await find()).toMatchObject({ isUsed: true });
    await images?.remove(stored?.id ?? '');
    expect(await find()).toBeDefined();
    await driver.remove(id);
  });
});

describe('an agent on a real engine', () => {
  const plugins = ['collector', 'exporter', 'webhook'];
  const serves = shellProgram('SERVES').arguments[1];
  const yaml = `plugins: { ${plugins.map((id) => `${id}: { arguments: [/bin/sh, -c, "${serves}"] }`).join(', ')} }`;
  /** An agent in the state of the one before. */
  const start = (stateFile?: StateFile) => {
    const agent = superviseDocker({
      socketPath: socketPath(),
      template: image,
      yaml,
      ...(stateFile ? { stateFile } : {}),
    });
    onTestFinished(() => agent.close());
    return agent;
  };
  const areActive = (agent: SupervisedDocker) =>
    expect
      .poll(() => Object.values(agent.reported()).map(({ state }) => state), { interval: 50 })
      .toEqual(plugins.map(() => 'ACTIVE'));
  const ofAgent = async ({ stateFile }: SupervisedDocker) => {
    const driver = open(stateFile.state.owner);
    const found = (await driver.list()).map(({ id, startedAtMs, status }) => ({ id, startedAtMs, status }));
    await driver.close();
    return found;
  };

  test('G5, G7, acceptance 1: adopts what runs, starts again what was killed, and removes what is wanted no more', async () => {
    const first = start();
    await first.supervision.setWishes(plugins.map((pluginId) => wishOf(pluginId)));
    await areActive(first);
    const before = await ofAgent(first);
    expect(before).toHaveLength(plugins.length);
    await first.close();

    const second = start(first.stateFile);
    await areActive(second);
    expect(await ofAgent(second)).toEqual(before);

    const [killed] = before;
    const { docker } = started as Docker;
    await docker('kill', killed?.id ?? '');
    const again = async () => (await ofAgent(second)).find(({ id }) => id === killed?.id);
    await expect.poll(async () => (await again())?.startedAtMs, { interval: 50 }).not.toBe(killed?.startedAtMs);
    await areActive(second);
    expect(await ofAgent(second)).toHaveLength(plugins.length);

    await second.supervision.setWishes([]);
    await expect.poll(() => ofAgent(second), { interval: 50 }).toEqual([]);
  });
});

/* A registry on loopback, and so an engine on this machine's network. */
describe('a real engine and a registry', () => {
  let beside: Docker | string;
  let registry: Registry;
  let images: ImageStore;
  let passwordFile: string;
  const credentials = { username: 'ann', password: 'a secret' };
  beforeAll(async () => {
    if (typeof started === 'string') return;
    beside = await startDocker('HOST');
    if (typeof beside === 'string') throw new Error(beside);
    registry = await openRegistry(`${credentials.username}:${credentials.password}`);
    passwordFile = join(dirname(beside.socketPath), 'password');
    await writeFile(passwordFile, credentials.password);
    const registries = { [registry.host]: { username: credentials.username, passwordFile } };
    const driver = openDockerDriver({ owner: 'owner-3', socketPath: beside.socketPath, network: 'host', registries });
    if (driver.images === undefined) throw new Error('the driver has no images');
    images = driver.images;
  });
  afterAll(async () => {
    registry?.close();
    if (typeof beside === 'object') await beside.stop();
  });
  const pull = async (name: string, signal = new AbortController().signal) => {
    let progress = 0;
    const onProgress = () => {
      progress += 1;
    };
    await images.pull(name, { signal, onProgress });
    return progress;
  };

  test('G11: an image comes by tag and by digest, with the credentials of agent.yaml, and with progress', async () => {
    const named = `${registry.host}/plugins/echo`;
    const offer = (tag: string) => makeShellImage((archive) => registry.offer('plugins/echo', tag, archive));
    await offer('1.0.0');
    const digest = await offer('2.0.0');
    for (const name of [`${named}:1.0.0`, `${named}@${digest}`]) {
      expect(await images.has(name)).toBe(false);
      expect(await pull(name)).toBeGreaterThan(2);
      expect(await images.has(name)).toBe(true);
      expect((await images.list()).some(({ names }) => names.includes(name))).toBe(true);
    }
  });

  test('G11: a registry’s refusal comes in its words, and has no word of the credentials', async () => {
    const unknown = pull(`${registry.host}/plugins/echo:9.9.9`);
    await expect(unknown).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('manifest unknown'),
    });
    await writeFile(passwordFile, 'a wrong secret');
    const refused = await pull(`${registry.host}/plugins/other:1`).catch((error: unknown) => error);
    await writeFile(passwordFile, credentials.password);
    expect(refused).toMatchObject({ code: 'REFUSED' });
    expect(String(refused)).not.toContain('secret');
  });

  test('G11: a fetch that stalls goes on until the caller gives up, and can then be tried again', async () => {
    const name = `${registry.host}/plugins/slow:1`;
    await makeShellImage((archive) => registry.offer('plugins/slow', '1', archive));
    registry.stall(true);
    const giving = new AbortController();
    const pulling = images.pull(name, { signal: giving.signal, onProgress: () => giving.abort(new Error('too slow')) });
    await expect(pulling).rejects.toThrow('too slow');
    registry.stall(false);
    await pull(name);
    expect(await images.has(name)).toBe(true);
  });
});
