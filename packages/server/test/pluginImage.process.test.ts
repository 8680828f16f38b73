import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Client, credentials } from '@grpc/grpc-js';
import { childEnv } from '@muster/db/testing';
import { freePort } from '@muster/db/testing/cluster';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Docker, startDocker, whyNoDocker } from '../testing/image/docker.ts';

/* deploy/image-offline.sh makes the sample plugin's image, Debian's dockerd runs it as an agent's driver does. */

const run = promisify(execFile);
const makeImage = fileURLToPath(new URL('../../../deploy/image-offline.sh', import.meta.url));

let engine: Docker | string;
let folder: string;
let image: string;
const make = (file: string) =>
  run(makeImage, ['sample-plugin', file], {
    env: { ...process.env, ...childEnv(), SOURCE_DATE_EPOCH: '1' },
    maxBuffer: 1e7,
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-image-'));
  engine = (await whyNoDocker()) ?? (await startDocker());
  if (typeof engine === 'string') {
    process.stderr.write(`Skipped: the tests of the sample plugin's image, since ${engine}.\n`);
    return;
  }
  const archive = join(folder, 'image.tar');
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
  await docker().docker('run', '--detach', `--name=${name}`, ...bounds, ...variables, image, ...words);
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
  await make(second);
  const hash = async (file: string) =>
    createHash('sha256')
      .update(await readFile(file))
      .digest('hex');
  expect(await hash(second)).toBe(await hash(join(folder, 'image.tar')));
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
