import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from '@muster/db/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import { graphql } from '../testing/graphql.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

/**
 * Starts a server below a shell, which writes the server's exit code to a file, below the command that is given: the
 * parent, to which the server writes.
 */
async function startBelow(parent: (command: string) => [string, ...string[]]) {
  const folder = await mkdtemp(join(tmpdir(), 'muster-parent-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const shell = join(folder, 'start.sh');
  const end = join(folder, 'end');
  await writeFile(
    shell,
    `trap '' HUP PIPE\n'${process.execPath}' '${main}' & echo "number $!."\nwait $!; echo $? >'${end}'\n`,
  );
  const [command, ...args] = parent(`sh ${shell}`);
  const child = spawnGuarded(command, args, {
    env: { PATH: process.env.PATH, PORT: '0', GRPC_PORT: '0', MUSTER_DATA_DIR: 'memory://' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const find = (pattern: RegExp) => pattern.exec(output)?.[1];
  await expect.poll(() => find(/Playground: (\S+)\/graphql/)).toBeDefined();
  const url = find(/Playground: (\S+)\/graphql/) ?? '';
  const number = Number(find(/number (\d+)\./));
  onTestFinished(() => {
    try {
      process.kill(number, 'SIGKILL');
    } catch {
      // It has ended.
    }
  });
  return {
    url,
    number,
    /** Kills the parent, and closes all that the server writes to. */
    killParent: async () => {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      child.stdout.destroy();
      child.stderr.destroy();
    },
    /** The server's exit code, once it has ended. */
    code: () => readFile(end, 'utf8').then(Number, () => undefined),
  };
}

describe('O15: a parent that goes away', () => {
  test('doesn’t kill the server: it goes on without a log, and stops in order later', async () => {
    const server = await startBelow((command) => ['sh', '-c', `${command}; true`]);
    await server.killParent();
    // Such a refusal is logged.
    const refused = `{ ${'a: viewer { role } '.repeat(60)} }`;
    for (let i = 0; i < 3; i++) {
      expect(await graphql(server.url, refused)).toMatchObject({ errors: [{ extensions: { code: 'TOO_COMPLEX' } }] });
    }
    expect(await graphql(server.url, '{ viewer { role } }')).toMatchObject({ status: 200 });
    process.kill(server.number, 'SIGTERM');
    await expect.poll(server.code).toBe(0);
  });

  const hasTerminals = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;
  test.runIf(hasTerminals)('with its terminal stops the server in order', async () => {
    const server = await startBelow((command) => ['script', '-qec', command, '/dev/null']);
    await server.killParent();
    await expect.poll(server.code).toBe(0);
  });
});
