import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { type DockerDriverOptions, openDockerDriver } from '../src/driver/docker/dockerDriver.ts';
import type { Driver, ImageStore } from '../src/driver/driver.ts';
import type { RunSpec } from '../src/driver/runSpec.ts';
import { type Behaviour, type ContractEngine, describeDriverContract, specOf } from '../testing/driverContract.ts';
import { type FakeEngine, openFakeEngine } from '../testing/fakeEngine/fakeEngine.ts';
import type { FakeCall } from '../testing/fakeServer/call.ts';

let fake: FakeEngine;
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-docker-'));
  fake = await openFakeEngine();
  for (const behaviour of ['SERVES', 'FAILS', 'STUBBORN'] as const) {
    fake.images.set(imageOf(behaviour), { id: `sha256:${behaviour}`, behaviour, user: '' });
  }
});
afterEach(() => {
  fake.onCall(() => undefined);
  fake.onPull(() => Promise.resolve());
});
afterAll(async () => {
  await fake.close();
  await rm(folder, { recursive: true, force: true });
});

const imageOf = (behaviour: Behaviour) => `registry.example/${behaviour.toLowerCase()}:1.0.0`;
const owner = 'owner-1';

const engine: ContractEngine = {
  open: async (name) => open({ owner: name }),
  program: (behaviour) => ({ image: imageOf(behaviour), command: null, arguments: [], environment: {} }),
};
describeDriverContract('docker, on a fake engine', () => engine);

function open(options: Partial<DockerDriverOptions> = {}): Driver {
  return openDockerDriver({ owner, socketPath: fake.socketPath, network: 'bridge', registries: {}, ...options });
}

/** A driver whose containers are gone after the test. */
function openForTest(options: Partial<DockerDriverOptions> = {}): Driver {
  const driver = open(options);
  onTestFinished(async () => {
    fake.onCall(() => undefined);
    const cleaner = open();
    for (const { id } of await cleaner.list()) await cleaner.remove(id);
    await driver.close();
  });
  return driver;
}

function imagesOf(driver: Driver): ImageStore {
  if (driver.images === undefined) throw new Error('the driver has no images');
  return driver.images;
}

const spec = (changes: Partial<RunSpec> = {}): RunSpec => ({ ...specOf(engine, 'SERVES', { owner }), ...changes });
const isTo = (method: string, path: RegExp) => (call: FakeCall) => call.method === method && path.test(call.path);
const isCreate = isTo('POST', /^\/containers\/create$/);
const isList = isTo('GET', /^\/containers\/json$/);
const callsSince = (start: number, is: (call: FakeCall) => boolean) => fake.calls.slice(start).filter(is);

describe('the docker driver', () => {
  test.each([
    ['1.41', '1.24', '1.41'],
    ['1.43', '1.24', '1.43'],
    ['1.60', '1.44', '1.52'],
  ])('speaks to an engine of version %s (at least %s) in version %s', async (ApiVersion, MinAPIVersion, chosen) => {
    fake.speak({ ApiVersion, MinAPIVersion });
    onTestFinished(() => fake.speak({ ApiVersion: '1.43', MinAPIVersion: '1.24' }));
    await openForTest().list();
    expect(fake.calls.at(-1)?.version).toBe(chosen);
  });

  test.each([
    ['1.40', '1.12'],
    ['1.60', '1.53'],
    ['none', '1.12'],
  ])('refuses an engine of version %s (at least %s), and says which it expected', async (ApiVersion, MinAPIVersion) => {
    fake.speak({ ApiVersion, MinAPIVersion });
    onTestFinished(() => fake.speak({ ApiVersion: '1.43', MinAPIVersion: '1.24' }));
    await expect(open().list()).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('from 1.41 to 1.52'),
    });
  });

  test('asks for the version again when the engine was replaced meanwhile', async () => {
    const driver = openForTest();
    await driver.list();
    fake.onCall(({ version }) =>
      version === '1.43'
        ? { status: 400, message: 'client version 1.43 is too new. Maximum supported API version is 1.42' }
        : undefined,
    );
    fake.speak({ ApiVersion: '1.42', MinAPIVersion: '1.24' });
    onTestFinished(() => fake.speak({ ApiVersion: '1.43', MinAPIVersion: '1.24' }));
    await driver.list();
    expect(fake.calls.at(-1)?.version).toBe('1.42');
  });

  test('G12: makes containers that may do next to nothing, unless the spec raises it', async () => {
    const driver = openForTest();
    const { limits } = spec();
    const id = await driver.create(
      spec({
        command: ['/plugin'],
        arguments: ['--verbose'],
        environment: { TOKEN: 'secret' },
        limits: { ...limits, capabilities: ['NET_RAW'] },
      }),
    );
    expect(fake.containers.get(id)?.body).toMatchObject({
      Entrypoint: ['/plugin'],
      Cmd: ['--verbose'],
      Env: ['TOKEN=secret', 'PORT=50051', 'PORT_GRPC=50051'],
      User: '65532:65532',
      StopTimeout: 10,
      HostConfig: {
        NetworkMode: 'bridge',
        PortBindings: { '50051/tcp': [{ HostPort: '' }] },
        Memory: 268_435_456,
        MemorySwap: 268_435_456,
        NanoCpus: 500_000_000,
        PidsLimit: 64,
        ReadonlyRootfs: true,
        CapDrop: ['ALL'],
        CapAdd: ['NET_RAW'],
        SecurityOpt: ['no-new-privileges'],
        RestartPolicy: { Name: 'no' },
        LogConfig: { Type: 'json-file', Config: { 'max-size': '10m', 'max-file': '3' } },
      },
    });
  });

  test.each([
    ['', null, '65532:65532'],
    ['root', null, '65532:65532'],
    ['0:0', null, '65532:65532'],
    ['1000', null, '1000'],
    ['app:app', null, 'app:app'],
    ['1000', '0', '0'],
  ])('G12: an image of the user "%s" runs, with the limit %s, as %s', async (imageUser, user, expected) => {
    const image = 'registry.example/users:1';
    fake.images.set(image, { id: 'sha256:users', behaviour: 'SERVES', user: imageUser });
    onTestFinished(() => void fake.images.delete(image));
    const id = await openForTest().create(spec({ image, limits: { ...spec().limits, user } }));
    expect(fake.containers.get(id)?.body.User).toBe(expected);
  });

  test('G10: reads back the port of the host that the engine picked, of IPv4', async () => {
    const driver = openForTest();
    const id = await driver.create(spec());
    await driver.start(id);
    const port = fake.containers.get(id)?.hostPorts.get('50051/tcp');
    expect((await driver.list())[0]?.ports).toEqual([{ name: 'grpc', host: '127.0.0.1', port, advertisedHost: null }]);
  });

  test('G4: on the host’s network ports are the spec’s, so that no two generations run beside one another', async () => {
    const driver = openForTest({ network: 'host' });
    expect([driver.runsBeside, open().runsBeside]).toEqual([false, true]);
    const id = await driver.create(spec());
    await driver.start(id);
    expect(fake.containers.get(id)?.body.HostConfig.PortBindings).toBeUndefined();
    expect((await driver.list())[0]?.ports).toMatchObject([{ host: '127.0.0.1', port: 50_051 }]);
  });

  test('refuses an image that the engine has not, with its name', async () => {
    const driver = openForTest();
    const absent = driver.create(spec({ image: 'registry.example/absent:1' }));
    await expect(absent).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('registry.example/absent:1'),
    });
    await expect(driver.create(spec({ image: null }))).rejects.toMatchObject({ code: 'REFUSED' });
  });

  test('G5: says that the kernel ended a container that took more memory than it may', async () => {
    const driver = openForTest();
    const id = await driver.create(spec());
    await driver.start(id);
    fake.end(id, 137, { isOutOfMemory: true });
    expect(await driver.list()).toMatchObject([{ status: 'ENDED', exitCode: 137, reason: 'OOMKilled' }]);
  });

  test('G1: gives the engine’s words where it refuses a start', async () => {
    const driver = openForTest();
    const id = await driver.create(spec());
    const message = 'driver failed programming external connectivity: port is already allocated';
    fake.onCall((call) => (call.path.endsWith('/start') ? { status: 500, message } : undefined));
    await expect(driver.start(id)).rejects.toMatchObject({ code: 'REFUSED', message });
  });

  test.each(['HANG', 'CUT'] as const)(
    'G7: an engine whose answer is %s is unavailable, and nothing is absent',
    async (fault) => {
      const driver = openForTest({ timeoutMs: 100, longTimeoutMs: 100 });
      const id = await driver.create(spec());
      fake.onCall(() => fault);
      const images = imagesOf(driver);
      const calls = [
        () => driver.list(),
        () => driver.create(spec()),
        () => driver.start(id),
        () => driver.stop(id, 0),
        () => driver.remove(id),
        () => driver.logs(id, { tail: 1, follow: false })[Symbol.asyncIterator]().next(),
        () => images.has('a'),
        () => images.list(),
        () => images.remove('a'),
      ];
      for (const call of calls)
        await expect(call()).rejects.toMatchObject({ name: 'DriverError', code: 'ENGINE_UNAVAILABLE' });
      fake.onCall(() => undefined);
      expect(await driver.list()).toMatchObject([{ id }]);
    },
  );

  test('G7: so is one whose socket nobody listens on', async () => {
    const driver = openForTest({ socketPath: join(folder, 'nobody') });
    await expect(driver.list()).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });

  test('G1: a container whose making was never answered is not made twice', async () => {
    const driver = openForTest({ longTimeoutMs: 100 });
    fake.onCall((call) => (isCreate(call) ? 'MUTE' : undefined));
    const wanted = spec();
    await expect(driver.create(wanted)).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    fake.onCall(() => undefined);
    const id = await driver.create(wanted);
    expect(await driver.list()).toMatchObject([{ id }]);
  });

  test('G2: asks the engine for its owner’s containers alone', async () => {
    const start = fake.calls.length;
    await openForTest().list();
    const [call] = callsSince(start, isList);
    expect(JSON.parse(call?.query.get('filters') ?? '')).toEqual({ label: [`muster.dev/supervisor=${owner}`] });
  });

  test('G1: the stream of events begins with a hint, ends with the engine’s, and with the driver', async () => {
    const driver = openForTest();
    const events = driver.events(new AbortController().signal)[Symbol.asyncIterator]();
    expect(await events.next()).toEqual({ done: false, value: undefined });
    const second = events.next();
    fake.endEvents();
    expect(await second).toEqual({ done: true, value: undefined });
    const others = driver.events(new AbortController().signal)[Symbol.asyncIterator]();
    await others.next();
    const third = others.next();
    await driver.close();
    expect(await third).toEqual({ done: true, value: undefined });
  });
});

describe('the images of an engine', () => {
  const image = 'registry.example:5000/echo:1.0.0';
  const pull = (images: ImageStore, name: string, signal = new AbortController().signal) => {
    const onProgress = vi.fn<() => void>();
    return { onProgress, done: images.pull(name, { signal, onProgress }) };
  };
  const publish = (name = image) => {
    fake.registry.set(name, 'SERVES');
    onTestFinished(() => {
      fake.registry.delete(name);
      fake.images.delete(name);
    });
  };

  test('G11: are fetched by tag or digest, and each line of the engine is progress', async () => {
    const images = imagesOf(openForTest());
    const digest = `registry.example/echo@sha256:${'a'.repeat(64)}`;
    for (const name of [image, digest]) {
      publish(name);
      expect(await images.has(name)).toBe(false);
      const { onProgress, done } = pull(images, name);
      await done;
      expect(onProgress).toHaveBeenCalledTimes(2);
      expect(await images.has(name)).toBe(true);
    }
  });

  test('G11: that can’t be fetched are refused in the registry’s words, before or during the fetch', async () => {
    const images = imagesOf(openForTest());
    const unknown = pull(images, 'registry.example/unknown:1').done;
    await expect(unknown).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('manifest unknown'),
    });
    publish();
    fake.onPull(() => Promise.reject(new Error('toomanyrequests: slow down')));
    await expect(pull(images, image).done).rejects.toMatchObject({
      code: 'REFUSED',
      message: 'toomanyrequests: slow down',
    });
  });

  test('G11: whose fetch breaks off in the middle are not there, and the engine is unavailable', async () => {
    const images = imagesOf(openForTest());
    publish();
    fake.onCall(({ path }) => (path === '/images/create' ? 'CUT' : undefined));
    await expect(pull(images, image).done).rejects.toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
  });

  test('G11: are fetched until the caller gives up, with the caller’s reason', async () => {
    const images = imagesOf(openForTest());
    publish();
    fake.onPull(() => new Promise(() => {}));
    const giving = new AbortController();
    const { onProgress, done } = pull(images, image, giving.signal);
    await expect.poll(() => onProgress.mock.calls.length).toBe(1);
    giving.abort(new Error('no progress in 2 min'));
    await expect(done).rejects.toThrow('no progress in 2 min');
  });

  test('G11: are fetched with the credentials of their registry alone, read anew each time', async () => {
    const passwordFile = join(folder, 'password');
    await writeFile(passwordFile, 'first\n');
    const images = imagesOf(
      openForTest({ registries: { 'registry.example:5000': { username: 'ann', passwordFile } } }),
    );
    const authOf = async (name: string) => {
      publish(name);
      await pull(images, name).done;
      const auth = fake.calls.at(-1)?.headers['x-registry-auth'];
      // Docker reads it with padding alone.
      expect(String(auth ?? '').length % 4).toBe(0);
      return auth === undefined ? undefined : JSON.parse(Buffer.from(String(auth), 'base64url').toString());
    };
    const expected = { username: 'ann', password: 'first', serveraddress: 'registry.example:5000' };
    expect(await authOf(image)).toEqual(expected);
    await writeFile(passwordFile, 'second');
    expect(await authOf(image)).toEqual({ ...expected, password: 'second' });
    expect(await authOf('registry.example/echo:2')).toBeUndefined();
    expect(await authOf('library/echo:2')).toBeUndefined();
  });

  test('G11: are fetched with what a credential helper gives; where it fails, no word of its output shows', async () => {
    const helper = join(folder, 'docker-credential-vault');
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env.PATH}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const images = imagesOf(openForTest({ registries: { 'docker.io': { credentialHelper: 'vault' } } }));
    const answers = async (script: string) => {
      await writeFile(helper, `#!/bin/sh\n${script}\n`);
      await chmod(helper, 0o755);
    };
    publish('ours/echo:1');
    await answers('read -r server; echo "{\\"Username\\": \\"<token>\\", \\"Secret\\": \\"for $server\\"}"');
    await pull(images, 'ours/echo:1').done;
    const auth = String(fake.calls.at(-1)?.headers['x-registry-auth']);
    const hub = 'https://index.docker.io/v1/';
    expect(JSON.parse(Buffer.from(auth, 'base64url').toString())).toEqual({
      identitytoken: `for ${hub}`,
      serveraddress: hub,
    });
    for (const script of ['echo hidden; exit 1', 'echo hidden']) {
      await answers(script);
      const failed = await pull(images, 'ours/echo:1').done.catch((error: unknown) => error);
      expect(failed).toMatchObject({ code: 'REFUSED', message: expect.stringContaining('docker-credential-vault') });
      expect(String(failed)).not.toContain('hidden');
    }
  });

  test('G11: a password that can’t be read is refused, with the place in agent.yaml', async () => {
    const registries = { 'registry.example:5000': { username: 'ann', passwordFile: join(folder, 'absent') } };
    const images = imagesOf(openForTest({ registries }));
    await expect(pull(images, image).done).rejects.toMatchObject({
      code: 'REFUSED',
      message: expect.stringContaining('registries.registry.example:5000.passwordFile'),
    });
  });

  test('G11: are listed with all their names, and whether anybody’s container uses them', async () => {
    const driver = openForTest();
    const images = imagesOf(driver);
    fake.images.set('tools:1', { id: 'sha256:tools', behaviour: 'SERVES', user: '' });
    fake.images.set('registry.example/tools:1', { id: 'sha256:tools', behaviour: 'SERVES', user: '' });
    await driver.create(spec());
    const find = async (id: string) => (await images.list()).find((each) => each.id === id);
    expect(await find('sha256:tools')).toMatchObject({
      names: expect.arrayContaining(['docker.io/library/tools:1', 'tools:1', 'registry.example/tools:1']),
      isUsed: false,
    });
    expect(await find('sha256:SERVES')).toMatchObject({ names: [imageOf('SERVES')], isUsed: true });
    await images.remove('sha256:tools');
    expect(await find('sha256:tools')).toBeUndefined();
    await images.remove('sha256:tools');
    await images.remove('sha256:SERVES');
    expect(await find('sha256:SERVES')).toBeDefined();
  });
});
