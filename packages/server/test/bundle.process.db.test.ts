import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { childEnv } from '@muster/db/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createStorage, graphql, openReflectionClient, spawnServer } from '../testing/index.ts';

const run = promisify(execFile);
const makeBundle = fileURLToPath(new URL('../scripts/bundle/main.ts', import.meta.url));
const repository = fileURLToPath(new URL('../../..', import.meta.url));

let folder: string;
let bundle: string;
beforeAll(async () => {
  // Outside of the repository: no node_modules is near.
  folder = await mkdtemp(join(tmpdir(), 'muster-bundle-'));
  bundle = join(folder, 'first');
  await make('server', bundle);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const make = (program: 'server' | 'agent', output: string) =>
  run(process.execPath, [makeBundle, program, output], { env: { ...process.env, ...childEnv() }, cwd: folder });

/** The hash of each file below a folder. */
async function hashes(of: string): Promise<Map<string, string>> {
  const entries = await readdir(of, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const hashed = await Promise.all(
    files.sort().map(async (file): Promise<[string, string]> => {
      const hash = createHash('sha256').update(await readFile(file));
      return [relative(of, file), hash.digest('hex')];
    }),
  );
  return new Map(hashed);
}

test.each([
  ['server', 'muster.mjs'],
  ['agent', 'muster-agent.mjs'],
] as const)(
  'two bundles of the %s, of one source, are the same to the byte, and name no path of the machine',
  async (program, file) => {
    const [first, second] = [join(folder, `${program}-1`), join(folder, `${program}-2`)];
    await Promise.all([make(program, first), make(program, second)]);
    expect(await hashes(second)).toEqual(await hashes(first));
    for (const name of [file, 'sbom.json', 'THIRD-PARTY-LICENSES.txt']) {
      expect((await readFile(join(first, name), 'utf8')).includes(repository), name).toBe(false);
    }
  },
);

test('an agent that is the bundle reads its agent.yaml with every driver in reach', async () => {
  const agent = join(folder, 'agent');
  await make('agent', agent);
  for (const driver of ['docker', 'kubernetes', 'process']) {
    const config = join(folder, `${driver}.yaml`);
    await writeFile(config, `{ server: { url: 'http://127.0.0.1:4000/graphql' }, driver: ${driver} }`);
    const { stdout } = await run(process.execPath, [join(agent, 'muster-agent.mjs'), 'check', '--config', config]);
    expect(stdout).toBe(`${config} is valid\n`);
  }
});

test('a server that is the bundle answers on every front, without the repository', async () => {
  const storage = await createStorage();
  const server = await spawnServer(storage.env, [join(bundle, 'muster.mjs'), 'serve']);
  try {
    expect(await graphql(server.url, '{ viewer { role } }')).toMatchObject({ data: { viewer: { role: 'ADMIN' } } });
    const described = await fetch(`${server.url}/plugin/v1/openapi.json`);
    expect(await described.json()).toMatchObject({ openapi: expect.any(String) });
    const playground = await fetch(`${server.url}/graphql`, { headers: { accept: 'text/html' } });
    const [, script] = /src="\.(\/playground\/[^"]+)"/.exec(await playground.text()) ?? [];
    expect((await fetch(`${server.url}${script}`)).headers.get('content-type')).toContain('javascript');
    const console = await (await fetch(`${server.url}/console/`)).text();
    const [, consoleScript] = /src="\.(\/assets\/[^"]+)"/.exec(console) ?? [];
    expect((await fetch(`${server.url}/console${consoleScript}`)).headers.get('content-type')).toContain('javascript');
    const [, grpcAddress = ''] = /gRPC answers at ([\w.:]+)/.exec(server.output()) ?? [];
    const reflection = await openReflectionClient(grpcAddress);
    expect(reflection.services).toContain('spaceone.api.plugin.v1.Supervisor');
    reflection.close();
  } finally {
    server.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0, errors: '' });
    await storage.remove();
  }
});

test('the bundle has the commands, too, and begins an empty embedded database', async () => {
  const data = join(folder, 'data');
  onTestFinished(() => rm(data, { recursive: true }));
  const env = { ...childEnv(), MUSTER_DATA_DIR: data };
  const muster = (...words: string[]) => run(process.execPath, [join(bundle, 'muster.mjs'), ...words], { env });
  const made = await muster('keys', 'create', '--name', 'first', '--role', 'ADMIN');
  expect(made.stdout).toMatch(/^muster_[0-9a-f]{12}_/);
  expect((await muster('keys', 'list')).stdout).toContain('"first": ADMIN');
  expect((await muster('--help')).stdout).toContain('serve');
});

test('the bill of materials and the licences name what is in the bundle, at the versions of the lockfile', async () => {
  const sbom = JSON.parse(await readFile(join(bundle, 'sbom.json'), 'utf8')) as {
    components: { name: string; version: string }[];
  };
  const ids = sbom.components.map(({ name, version }) => `${name}@${version}`);
  expect(ids.map((id) => id.replace(/@[^@]+$/, ''))).toEqual(
    expect.arrayContaining([
      'graphql',
      'ws',
      '@grpc/grpc-js',
      '@electric-sql/pglite',
      'pg',
      'zod',
      'graphiql',
      'react',
      'preact',
      '@fontsource-variable/inter',
    ]),
  );
  const lockfile = await readFile(join(repository, 'pnpm-lock.yaml'), 'utf8');
  expect(ids.filter((id) => !lockfile.includes(` ${id}:`) && !lockfile.includes(` '${id}':`))).toEqual([]);
  const licenses = await readFile(join(bundle, 'THIRD-PARTY-LICENSES.txt'), 'utf8');
  expect(ids.filter((id) => !licenses.includes(`\n${id.replace(/@([^@]+)$/, ' $1')} (`))).toEqual([]);
});
