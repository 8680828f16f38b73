import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnGuarded, type TestDatabaseKind } from '@muster/db/testing';
import { freePort } from '@muster/db/testing/cluster';

const fromHere = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The programs of the repository, by the names that they have on the pages. */
const programs = {
  muster: fromHere('../src/muster.ts'),
  'muster-agent': fromHere('../../agent/src/main.ts'),
  'muster-sample-plugin': fromHere('../../sample-plugin/src/main.ts'),
};

/**
 * The fenced blocks of a page, in their order, that are marked `sh test`, or `sh test` and the database that the test has:
 * `sh test postgresql`, `sh test pglite`.
 */
export function markedBlocks(page: string, database: TestDatabaseKind): string[] {
  const blocks = [...page.matchAll(/^```sh test(?: (\w+))?\n(.*?)^```$/gms)];
  return blocks.flatMap(([, only = database, block = '']) => (only === database ? [block] : []));
}

/**
 * Runs a page's blocks as one script of bash, in an empty folder, with the programs of the repository as commands. Ports of the page are replaced
 * by free ones. Processes that the script leaves running are ended.
 *
 * @returns how it ended, and all that it wrote: each command, and its output
 */
export async function runBlocks(
  blocks: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-guide-'));
  const [bin, work] = [join(folder, 'bin'), join(folder, 'work')];
  await Promise.all([bin, work].map((each) => mkdir(each)));
  for (const [name, program] of Object.entries(programs)) {
    await writeFile(join(bin, name), `#!/bin/sh\nexec '${process.execPath}' '${program}' "$@"\n`, { mode: 0o755 });
  }
  const [http, grpc, status] = [await freePort('127.0.0.1'), await freePort('127.0.0.1'), await freePort('127.0.0.1')];
  const text = blocks
    .join('')
    .replaceAll(':4000', `:${http}`)
    .replaceAll(':50051', `:${grpc}`)
    .replaceAll('9464', String(status));
  const prelude = `trap 'kill $(jobs -p) 2> /dev/null || true; wait' EXIT\nexec 2>&1\nset -x\n`;
  const child = spawnGuarded('bash', ['-euo', 'pipefail', '-c', prelude + text], {
    cwd: work,
    env: { PATH: `${bin}:${process.env.PATH}`, PORT: String(http), GRPC_PORT: String(grpc), ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  const [code] = await once(child, 'close');
  await rm(folder, { recursive: true });
  return { code, output };
}
