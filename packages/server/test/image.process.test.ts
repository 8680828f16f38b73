import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createGzip } from 'node:zlib';
import { createRandom } from '@muster/core/testing';
import { openDatabase } from '@muster/db';
import { childEnv } from '@muster/db/testing';
import { findPostgresPrograms, freePort, startCluster } from '@muster/db/testing/cluster';
import { testSeed } from '@muster/db/testing/seed';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  differencesAtEnd,
  follow,
  interests,
  readCursors,
  report,
  reportSentinel,
  write,
} from '../testing/faults/index.ts';
import { type Container, type ContainerOptions, startContainer } from '../testing/image/container.ts';
import { type Docker, startDocker, whyNoDocker } from '../testing/image/docker.ts';
import { startHaproxy } from '../testing/image/haproxy.ts';
import { graphql } from '../testing/index.ts';

/*
 * deploy/image-offline.sh makes the image, Debian's dockerd runs it. Containers have loopback in common with the test:
 * a server that listens there alone runs open, and needs no credentials.
 */

const run = promisify(execFile);
const makeImage = fileURLToPath(new URL('../../../deploy/image-offline.sh', import.meta.url));
const programs = await findPostgresPrograms();

let engine: Docker | string;
let folder: string;
let archive: string;
let image: string;
const make = (file: string) =>
  run(makeImage, ['server', file], { env: { ...process.env, ...childEnv(), SOURCE_DATE_EPOCH: '1' }, maxBuffer: 1e7 });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-image-'));
  // The image's user must reach what is mounted below.
  await chmod(folder, 0o755);
  engine = (await whyNoDocker()) ?? (await startDocker());
  if (typeof engine === 'string') {
    process.stderr.write(`Skipped: the tests of the image, since ${engine}.\n`);
    return;
  }
  archive = join(folder, 'image.tar');
  await make(archive);
  image = (await engine.docker('load', '--quiet', `--input=${archive}`)).replace('Loaded image: ', '');
});
afterAll(async () => {
  if (typeof engine !== 'string') await engine?.stop();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(({ skip }) => {
  if (typeof engine === 'string') skip(engine);
});

function docker(): Docker {
  if (typeof engine === 'string') throw new Error(engine);
  return engine;
}

async function ports(): Promise<{ PORT: number; GRPC_PORT: number }> {
  return { PORT: await freePort('127.0.0.1'), GRPC_PORT: await freePort('127.0.0.1') };
}

/** A container that is removed with the test. */
async function container(options: ContainerOptions): Promise<Container> {
  onTestFinished(async () => void (await docker().docker('rm', '--force', options.name)));
  return startContainer(docker(), image, options);
}

/** A folder for the embedded database, which the image's user may write to. */
async function dataFolder(name: string): Promise<string> {
  const data = join(folder, name);
  await mkdir(data);
  await chown(data, 65_532, 65_532);
  return data;
}

/** A script that looks, in a container, at each of its files. */
const inspectFiles = `
const { lstatSync, readdirSync } = require('node:fs');
const found = { setuid: [], shells: [], typescript: [], writable: [] };
for (const folder of ['/usr', '/lib', '/lib64', '/etc', '/var', '/app', '/data']) {
  for (const entry of readdirSync(folder, { recursive: true })) {
    const file = folder + '/' + entry;
    const status = lstatSync(file);
    const { mode, uid } = status;
    if (status.isDirectory()) continue;
    if (mode & 0o6000) found.setuid.push(file);
    if (/\\/(ba|da|k|z)?sh$|busybox|\\/npm$|\\/npx$|\\/apt|\\/dpkg$/.test(file)) found.shells.push(file);
    if (/\\.tsx?$/.test(file)) found.typescript.push(file);
    if (uid === process.getuid()) found.writable.push(file);
  }
}
console.log(JSON.stringify({ ...found, uid: process.getuid(), gid: process.getgid() }));
`;

describe('the image', () => {
  test('made twice of one source is the same to the byte', async () => {
    const second = join(folder, 'second.tar');
    await make(second);
    const hash = async (file: string) =>
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
    expect(await hash(second)).toBe(await hash(archive));
  });

  test('has at most 175 MB, and 65 MB compressed', async () => {
    expect((await stat(archive)).size).toBeLessThan(175e6);
    let bytes = 0;
    await pipeline(createReadStream(archive), createGzip(), async (chunks) => {
      for await (const chunk of chunks) bytes += chunk.length;
    });
    expect(bytes).toBeLessThan(65e6);
  });

  test('runs as nobody of the machine, and has no shell, no package manager, no TypeScript and no setuid program', async () => {
    const options = ['--rm', '--network=none', '--read-only', '--cap-drop=ALL', '--entrypoint=node'];
    const found = JSON.parse(await docker().docker('run', ...options, image, '-e', inspectFiles));
    expect(found).toEqual({ setuid: [], shells: [], typescript: [], writable: [], uid: 65_532, gid: 65_532 });
  });

  test('says what it is in labels, and has the bill of materials', async () => {
    const { Labels } = JSON.parse(await docker().docker('image', 'inspect', '--format={{json .Config}}', image));
    expect(Labels).toMatchObject({
      'org.opencontainers.image.title': 'Muster',
      'org.opencontainers.image.licenses': 'Apache-2.0',
      'org.opencontainers.image.version': expect.stringMatching(/^\d+\.\d+\.\d+/),
      'org.opencontainers.image.revision': expect.stringMatching(/^[0-9a-f]{40}$|^unknown$/),
    });
    const script = "console.log(require('node:fs').readFileSync('/app/sbom.json', 'utf8'))";
    const sbom = await docker().docker('run', '--rm', '--network=none', '--entrypoint=node', image, '-e', script);
    expect(JSON.parse(sbom)).toMatchObject({ bomFormat: 'CycloneDX' });
  });
});

describe('a container', () => {
  test('A10: is reached from outside by a first key that a file gives it, is healthy, and ends by SIGTERM with 0', async () => {
    const key = (await docker().docker('run', '--rm', '--network=none', image, 'keys', 'generate')).trim();
    const file = join(folder, 'key');
    await writeFile(file, `${key}\n`);
    const at = await ports();
    const server = await container({
      name: 'first-key',
      memory: '2g',
      env: { ...at, MUSTER_BOOTSTRAP_KEY_FILE: '/run/secrets/key' },
      volumes: { '/run/secrets/key': file, '/data': await dataFolder('first-key') },
    });
    await server.ready();
    const response = await fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({ query: '{ viewer { role } }' }),
    });
    expect(await response.json()).toEqual({ data: { viewer: { role: 'ADMIN' } } });
    expect((await graphql(server.url, '{ viewer { role } }')).status).toBe(401);
    await expect.poll(async () => (await server.state()).Health.Status, { interval: 500 }).toBe('healthy');
    expect(await server.stop()).toBe(0);
    expect(await server.logs()).toMatch(/"msg":"SIGTERM: stopping"[\s\S]*"msg":"stopped"/);
  });

  test('A5: without a credential refuses, in one line, to be reached from outside', async () => {
    const data = await dataFolder('open');
    const server = await container({ name: 'open', memory: '2g', env: await ports(), volumes: { '/data': data } });
    expect(await server.ended()).toBe(1);
    expect(await server.logs()).toMatch(/Muster can't start: HOST: expected a loopback address.*\n$/);
  });

  test('O1: on a folder that another container runs on is refused in one line, and nothing is lost', async () => {
    const data = await dataFolder('shared');
    const start = async (name: string) =>
      container({ name, memory: '2g', env: { ...(await ports()), HOST: '127.0.0.1' }, volumes: { '/data': data } });
    const first = await start('holder');
    await first.ready();
    const names = Array.from({ length: 20 }, (_, index) => `host-${index}`);
    const publish = `mutation ($input: PublishSupervisorInput!) {
      publishSupervisor(input: $input) { supervisor { id } }
    }`;
    const publishAll = (url: string, hostnames: readonly string[]) =>
      Promise.all(
        hostnames.map(async (hostname) => {
          const input = { domainId: 'red', name: hostname, hostname };
          expect((await graphql(url, publish, { input })).errors).toBeUndefined();
        }),
      );
    await publishAll(first.url, names.slice(0, 10));
    const second = await start('intruder');
    expect(await second.ended()).toBe(1);
    const refusal = (await second.logs()).split('\n').filter((line) => line !== '' && !line.startsWith('{'));
    expect(refusal).toEqual([expect.stringMatching(/^Muster can't start: MUSTER_DATA_DIR: .*in use/)]);
    await publishAll(first.url, names.slice(10));
    // As a machine that loses power does; the next container takes the folder over.
    await docker().docker('kill', 'holder');
    const third = await start('heir');
    await third.ready();
    const list = '{ supervisors(domainId: "red", first: 100) { nodes { hostname } } }';
    const { data: found } = await graphql<{ supervisors: { nodes: { hostname: string }[] } }>(third.url, list);
    expect(found?.supervisors.nodes.map(({ hostname }) => hostname).sort()).toEqual([...names].sort());
    expect(await third.stop()).toBe(0);
  });
});

describe.runIf(programs !== undefined)('two containers over one PostgreSQL', () => {
  test('E3: are replaced one after the other, and no subscriber misses or repeats a change', async () => {
    const cluster = await startCluster(programs ?? '');
    onTestFinished(() => cluster.remove());
    const db = await openDatabase({ url: cluster.url });
    onTestFinished(() => db.close());
    const random = createRandom(testSeed());
    const at = [await ports(), await ports()];
    const servers = await Promise.all(
      at.map((each, index) =>
        container({
          name: `replica-${index}`,
          memory: '512m',
          env: { ...each, HOST: '127.0.0.1', DATABASE_URL: cluster.url },
        }),
      ),
    );
    await Promise.all(servers.map((server) => server.ready()));
    const proxy = await startHaproxy(
      await freePort('127.0.0.1'),
      at.map(({ PORT }) => PORT),
    );
    onTestFinished(() => proxy.stop());

    // On a machine that is too busy both may be not ready for a moment, which the proxy answers with 503.
    const direct = servers[0]?.url ?? '';
    const fleet = {
      domains: ['red', 'green', 'blue'],
      hostnames: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
      pluginIds: ['collector', 'webhook', 'exporter'],
      supervisorIds: new Map<string, string>(),
    };
    for (const domainId of fleet.domains) {
      for (const hostname of fleet.hostnames) {
        await report(direct, fleet, { domainId, hostname }, () => ({ state: 'ACTIVE', message: 'first' }));
      }
    }
    const start = [...(await readCursors(direct))].at(-1)?.[1] ?? '';
    const problems: string[] = [];
    const shared = { urls: () => [proxy.url], onProblem: (problem: string) => void problems.push(problem) };
    const followers = interests(fleet.domains, fleet.pluginIds, 100).map((interest) =>
      follow({
        ...shared,
        interest,
        after: interest.isWatch ? null : start,
        random: createRandom(random.next() * 2 ** 32),
      }),
    );
    const over = new AbortController();
    const writing = Array.from({ length: 12 }, () =>
      write({ ...shared, fleet, random: createRandom(random.next() * 2 ** 32) }, over.signal),
    );
    const receivedBy = () => followers.reduce((sum, { received }) => sum + received.length, 0);
    for (const server of [...servers, ...servers]) {
      // Each is replaced while changes flow.
      const before = receivedBy();
      await expect.poll(receivedBy).toBeGreaterThan(before + 1_000);
      expect(await server.stop()).toBe(0);
      await server.start();
      await server.ready();
    }
    over.abort();
    await Promise.all(writing);
    await reportSentinel(proxy.url, fleet);
    expect(await differencesAtEnd(db, direct, fleet, followers)).toEqual([]);
    expect(problems).toEqual([]);
    // Each was broken off at least once.
    expect(followers.reduce((sum, { sessions }) => sum + sessions, 0)).toBeGreaterThanOrEqual(2 * followers.length);
    await Promise.all(followers.map((follower) => follower.stop()));
    for (const server of servers) {
      expect((await server.state()).OOMKilled).toBe(false);
      await expect.poll(async () => (await server.state()).Health.Status, { interval: 500 }).toBe('healthy');
    }
  });
});
