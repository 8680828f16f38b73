import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** Runs prepare.ts with a turbo that does as the lines of a shell script say. */
async function prepare(script: string): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-prepare-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'turbo'), `#!/bin/sh\n${script}\n`);
  await chmod(join(folder, 'turbo'), 0o755);
  const { promise, resolve } = Promise.withResolvers<{ code: unknown; stdout: string; stderr: string }>();
  const env = { PATH: `${folder}:${process.env.PATH}` };
  execFile(process.execPath, [join(import.meta.dirname, 'prepare.ts')], { env }, (error, stdout, stderr) =>
    resolve({ code: error?.code ?? 0, stdout, stderr }),
  );
  return promise;
}

test('a command has standard output for its answer alone, while its files are made', async () => {
  expect(await prepare('echo summary; echo a warning >&2')).toMatchObject({ code: 0, stdout: '' });
});

test('where files can not be made, the command ends, and the reason stands on standard error', async () => {
  const failed = await prepare('echo what went wrong; exit 3');
  expect(failed).toEqual({ code: 1, stdout: '', stderr: expect.stringContaining('what went wrong\n') });
});
