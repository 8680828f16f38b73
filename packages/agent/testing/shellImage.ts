import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** This machine's programs that the image has, with the libraries that they load. */
const programs = ['/bin/sh', '/bin/sleep'];

/**
 * Makes an image with a shell, and nothing else, of this machine's files.
 *
 * @param load makes the image of an archive of its files; its result is this function's
 */
export async function makeShellImage<Result>(load: (archive: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'shell-image-'));
  try {
    const root = join(folder, 'root');
    await mkdir(root);
    await run('cp', ['--dereference', '--parents', ...programs, ...(await librariesOf(programs)), root]);
    // Containers run as nobody.
    await run('chmod', ['--recursive', 'a+rX', root]);
    const archive = join(folder, 'files.tar');
    await run('tar', ['--create', `--file=${archive}`, `--directory=${root}`, '.']);
    return await load(archive);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function librariesOf(files: readonly string[]): Promise<string[]> {
  const { stdout } = await run('ldd', [...files]);
  return [...new Set([...stdout.matchAll(/(\/\S+) \(0x/g)].map(([, path = '']) => path))];
}
