import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { spawnGuarded } from '@muster/db/testing';

/** A program that runs until it is stopped. */
export interface RunningProgram {
  /** All that it has written so far, to both outputs. */
  output(): string;
  /** Ends it, and what it started. */
  stop(): Promise<void>;
  /** Resolves once it has ended by itself. */
  readonly ended: Promise<unknown>;
}

/** The file of an example. */
export const exampleFile = (file: string): string => fileURLToPath(new URL(`examples/${file}`, import.meta.url));

/** Whether a command is on the path, and works. */
export function isThere(command: string): boolean {
  try {
    execFileSync(command, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Runs a command in an empty folder, with a `grpcurl` on its path. */
export function runProgram(command: string, args: readonly string[], env: Record<string, string>): RunningProgram {
  const folder = mkdtempSync(join(tmpdir(), 'muster-client-'));
  const grpcurl = join(folder, 'grpcurl');
  writeFileSync(
    grpcurl,
    `#!/bin/sh\nexec '${process.execPath}' '${fileURLToPath(new URL('grpcurl.ts', import.meta.url))}' "$@"\n`,
  );
  chmodSync(grpcurl, 0o755);
  const child = spawnGuarded(command, args, {
    cwd: folder,
    env: { ...env, PATH: `${folder}:${process.env.PATH}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'close');
  return {
    output: () => output,
    ended,
    stop: async () => {
      // The child leads a group: all that it started ends with it.
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await ended;
    },
  };
}
