import { execFile } from 'node:child_process';
import { chmod, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hold } from './testWorker.ts';

const run = promisify(execFile);

/** A disk of the test's own, in memory. */
export interface SmallDisk {
  readonly folder: string;
  /** Writes a file until nothing more fits. */
  fill(): Promise<void>;
  /** Deletes that file. */
  free(): Promise<void>;
  remove(): Promise<void>;
}

/** Mounts a disk in memory (tmpfs); undefined where the system doesn't let this process. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-disk-'));
  const size = `size=${mebibytes}m`;
  const isMounted = await run('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder]).then(
    () => true,
    () => false,
  );
  if (!isMounted) {
    await rm(folder, { recursive: true });
    return undefined;
  }
  // Others than the one who mounts it use it.
  await chmod(folder, 0o777);
  const filler = join(folder, 'filler');
  const unmount = async () => {
    await run('umount', ['--lazy', folder]);
    await rm(folder, { recursive: true });
  };
  const released = hold(`a disk at ${folder}`, unmount);
  return {
    folder,
    fill: async () => {
      const file = await open(filler, 'w');
      await writeUntilFull(file.write.bind(file) as (bytes: Buffer) => Promise<unknown>);
      await file.close();
    },
    free: () => rm(filler),
    remove: async () => {
      released();
      await unmount();
    },
  };
}

async function writeUntilFull(write: (bytes: Buffer) => Promise<unknown>): Promise<void> {
  for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 4)) {
    const bytes = Buffer.alloc(size);
    for (;;) {
      const isFull = await write(bytes).then(
        () => false,
        (error: unknown) => error instanceof Error && 'code' in error && error.code === 'ENOSPC',
      );
      if (isFull) break;
    }
  }
}
