import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, credentials } from '@grpc/grpc-js';
import { childEnv } from '@muster/db/testing';
import { freePort } from '@muster/db/testing/cluster';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Docker, startDocker, whyNoDocker } from '../testing/image/docker.ts';
import { graphql, startTestServer } from '../testing/index.ts';

/*
 * deploy/image-offline.sh makes the images of the agent and of the sample plugin, Debian's dockerd runs them. Containers
 * have loopback in common with the test.
 */

const run = promisify(execFile);
const makeImage = fileURLToPath(new URL('../../../deploy/image-offline.sh', import.meta.url));

let engine: Docker | string;
let folder: string;
let agentImage: string;
let pluginImage: string;
type Program = 'agent' | 'sample-plugin';
const make = (program: Program, file: string) =>
  run(makeImage, [program, file], {
    env: { ...process.env, ...childEnv(), SOURCE_DATE_EPOCH: '1' },
    maxBuffer: 1e7,
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-image-'));
  engine = (await whyNoDocker()) ?? (await startDocker());
  if (typeof engine === 'string') {
    process.stderr.write(`Skipped: the tests of the agent's images, since ${engine}.\n`);
    return;
  }
  const { docker } = engine;
  const load = async (program: Program) => {
    const archive = join(folder, `${program}.tar`);
    await make(program, archive);
    return (await docker('load', '--quiet', `--input=${archive}`)).replace('Loaded image: ', '');
  };
  agentImage = await load('agent');
  pluginImage = await load('sample-plugin');
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

/** The standard bounds of a plugin (G12), with loopback in common with the test. */
const bounds = [
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
  '--network=host',
  '--memory=512m',
  '--pids-limit=256',
];

/** Starts a container of the plugin, which is removed with the test. */
async function startPlugin(name: string, port: number, ...words: string[]): Promise<void> {
  onTestFinished(async () => void (await docker().docker('rm', '--force', name)));
  const variables = [`--env=PORT=${port}`, '--env=MUSTER_PLUGIN_ID=sample', '--env=MUSTER_PLUGIN_VERSION=1.0.0'];
  await docker().docker('run', '--detach', `--name=${name}`, ...bounds, ...variables, pluginImage, ...words);
}

/** The answer of grpc.health.v1 in bytes: field 1, SERVING. */
const serving = Buffer.from([8, 1]);

async function health(port: number): Promise<Buffer | undefined> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  try {
    return await new Promise((resolve, reject) => {
      const path = '/grpc.health.v1.Health/Check';
      client.makeUnaryRequest(path, same, same, Buffer.alloc(0), (error, answer) =>
        error ? reject(error) : resolve(answer),
      );
    });
  } finally {
    client.close();
  }
}

test('the image of the sample plugin, made twice of one source, is the same to the byte, and has at most 160 MB', async () => {
  const second = join(folder, 'second.tar');
  await make('sample-plugin', second);
  const hash = async (file: string) =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  expect(await hash(second)).toBe(await hash(join(folder, 'sample-plugin.tar')));
  expect((await stat(second)).size).toBeLessThan(160e6);
});

test('G12: the sample plugin serves within the standard bounds of a plugin, and ends as pid 1 by SIGTERM with 0', async () => {
  const port = await freePort('127.0.0.1');
  await startPlugin('well', port);
  await expect.poll(() => health(port).catch((error) => error), { interval: 100 }).toEqual(serving);
  await docker().docker('stop', '--time=60', 'well');
  expect(await docker().docker('inspect', '--format={{.State.ExitCode}}', 'well')).toBe('0');
  expect(await docker().logs('well')).toMatch(/process 1 listens on port \d+\n.*SIGTERM.*\n.*stopped\n$/);
});

test('the arguments of a release reach the sample plugin in its image', async () => {
  await startPlugin('failing', 0, '--fail-after=0', '--exit-code=7');
  expect(await docker().docker('wait', 'failing')).toBe('7');
});

test('G7, G8: the agent, as pid 1 of its image, runs a plugin of an image, ends by SIGTERM with 0, and leaves the plugin to the next', async () => {
  const server = await startTestServer({ env: { MUSTER_PUBLISH_INTERVAL_MS: '1000' } });
  onTestFinished(() => server.stop());
  const change = async (mutation: string, type: string, input: object) => {
    const document = `mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename } }`;
    const { errors } = await graphql(server.url, document, { input: { domainId: 'acme', ...input } });
    expect(errors).toBeUndefined();
  };
  const identity = { pluginId: 'sample', version: '1.0.0' };
  const ports = [{ name: 'grpc', port: await freePort('127.0.0.1'), scheme: 'grpc' }];
  await change('publishRelease', 'PublishReleaseInput', { ...identity, spec: { image: pluginImage, ports } });
  await change('preregisterSupervisor', 'PreregisterSupervisorInput', { hostname: 'boxed', labels: { site: 'box' } });
  const deployment = { ...identity, name: 'samples', mode: 'ALL', labels: { site: 'box' } };
  await change('createDeployment', 'CreateDeploymentInput', deployment);

  await startAgent('agent', server.url);
  const states = async () => {
    const document = '{ plugins(domainId: "acme") { nodes { state endpoint } } }';
    const { data } = await graphql<{ plugins: { nodes: object[] } }>(server.url, document);
    return data?.plugins.nodes;
  };
  const active = [{ state: 'ACTIVE', endpoint: `grpc://127.0.0.1:${ports[0]?.port}` }];
  await expect.poll(states, { interval: 200 }).toEqual(active);
  const label = '--filter=label=muster.dev/plugin-id=sample';
  const containers = () => docker().docker('ps', '--no-trunc', label, '--format={{.ID}}');
  const before = await containers();
  expect(before).toMatch(/^[0-9a-f]{64}$/);
  onTestFinished(async () => void (await docker().docker('rm', '--force', before)));
  const startedAt = () => docker().docker('inspect', '--format={{.State.StartedAt}}', before);
  const startedBefore = await startedAt();

  await docker().docker('stop', '--time=60', 'agent');
  expect(await docker().docker('inspect', '--format={{.State.ExitCode}}', 'agent')).toBe('0');
  await docker().docker('start', 'agent');
  await expect.poll(() => docker().logs('agent'), { interval: 200 }).toMatch(/the agent runs[\s\S]*the agent runs/);
  await expect.poll(states, { interval: 200 }).toEqual(active);
  expect(await containers()).toBe(before);
  expect(await startedAt()).toBe(startedBefore);
});

/** Starts a container of the agent, which may speak to the engine; it is removed with the test. */
async function startAgent(name: string, url: string): Promise<void> {
  const stateFolder = join(folder, name);
  await mkdir(stateFolder);
  await chown(stateFolder, 65_532, 65_532);
  const configFile = join(folder, `${name}.yaml`);
  const config = {
    server: { url: `${url}/graphql` },
    supervisor: { domainId: 'acme', hostname: 'boxed' },
    driver: 'docker',
    docker: { network: 'host' },
    advertise: { host: '127.0.0.1' },
    images: { pullPolicy: 'Never' },
    status: { port: 0 },
  };
  // JSON is YAML.
  await writeFile(configFile, JSON.stringify(config));
  const { docker: command, socketPath } = docker();
  onTestFinished(async () => void (await command('rm', '--force', name)));
  const mounts = [
    `--volume=${socketPath}:/var/run/docker.sock`,
    `--volume=${configFile}:/etc/muster-agent/agent.yaml:ro`,
    `--volume=${stateFolder}:/var/lib/muster-agent`,
  ];
  const group = `--group-add=${(await stat(socketPath)).gid}`;
  await command('run', '--detach', `--name=${name}`, ...bounds, group, ...mounts, agentImage);
}
