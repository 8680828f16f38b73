import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The unit of a tar: an entry's head is one block, and its content fills whole ones. */
const blockBytes = 512;
const folderType = '5';

/**
 * Writes the files and folders of a tar, as PGlite's `dumpDataDir` makes it, into a folder. PGlite's own `loadDataDir` keeps several copies
 * of the tar in memory.
 */
export function unpack(tar: Buffer, folder: string): void {
  for (let at = 0; tar[at]; ) {
    const text = (from: number, to: number) => tar.toString('latin1', at + from, at + to).split('\0', 1)[0] ?? '';
    const path = join(folder, text(0, 100));
    const size = Number.parseInt(text(124, 136), 8);
    const content = tar.subarray(at + blockBytes, at + blockBytes + size);
    const isFolder = text(156, 157) === folderType;
    mkdirSync(isFolder ? path : dirname(path), { recursive: true });
    if (!isFolder) writeFileSync(path, content);
    at += blockBytes * (1 + Math.ceil(size / blockBytes));
  }
}
