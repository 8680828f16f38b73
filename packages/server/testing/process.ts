import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from '@muster/db/testing';
import { expect } from 'vitest';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const commands = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

/** How it ended, and all that it had written by then. */
export interface ProcessEnd {
  code: number | null;
  signal: NodeJS.Signals | null;
  output: string;
  errors: string;
}

/** A server in a separate process. */
export interface SpawnedServer {
  readonly url: string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<ProcessEnd>;
  /** All that it has written to standard output so far. */
  output(): string;
}

/**
 * Starts `main.ts`, or what `program` says, as a user does, on a free port, with `env` and nothing of this process's
 * environment but the path. Rejects, with how it ended, if it ends before it is ready.
 */
export async function spawnServer(
  env: Record<string, string>,
  program: readonly string[] = [main],
): Promise<SpawnedServer> {
  const { child, ended, output, ready } = run(env, program);
  const url = await Promise.race([ready, ended]);
  if (typeof url !== 'string') throw Object.assign(new Error(`the server ended: ${url.errors}${url.output}`), url);
  return { url, kill: (signal) => child.kill(signal), ended, output };
}

/** Starts `main.ts` where it can't come up: it says why in one line, with no word of a password, and ends with 1. */
export async function expectNoStart(env: Record<string, string>, says: RegExp): Promise<void> {
  const end = await runServer({ MUSTER_START_TIMEOUT_SECONDS: '0', ...env });
  expect(end).toMatchObject({ code: 1, signal: null });
  expect(end.output).not.toMatch(/secret|\n *at /);
  expect(end.errors).toMatch(/^Muster can't start: .+\n$/);
  expect(end.errors).toMatch(says);
  expect(end.errors).not.toContain('secret');
}

/** Starts `main.ts`, and doesn't wait until it is ready. */
export function beginServer(env: Record<string, string>): Omit<SpawnedServer, 'url'> {
  const { child, ended, output } = run(env);
  return { kill: (signal) => child.kill(signal), ended, output };
}

/** Who a process runs as; by default as this one. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/** Runs a command of the command line to its end. */
export function runCommand(words: readonly string[], env: Record<string, string>, user?: RunAs): Promise<ProcessEnd> {
  return run(env, [commands, ...words], user).ended;
}

/** Starts a server that is expected to fail, to its end. */
export function runServer(env: Record<string, string>, user?: RunAs): Promise<ProcessEnd> {
  const { child, ended, ready } = run(env, [main], user);
  ready.then(() => child.kill('SIGKILL'));
  return ended;
}

function run(env: Record<string, string>, program: readonly string[] = [main], user?: RunAs) {
  const child = spawnGuarded(process.execPath, program, {
    ...user,
    env: { PATH: process.env.PATH, PORT: '0', GRPC_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  const ready = Promise.withResolvers<string>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const [, url] = /Muster is ready\. Playground: (\S+)\/graphql/.exec(output) ?? [];
    if (url) ready.resolve(url);
  });
  const ended = once(child, 'close').then(([code, signal]): ProcessEnd => ({ code, signal, output, errors }));
  return { child, ended, ready: ready.promise, output: () => output };
}
