import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

/** A cluster as initdb makes it: a tar of its folder, compressed. `generate` writes it, and the bundle brings it along. */
export const clusterImage = new URL('../generated/cluster.tar.br', import.meta.url);

/** Reads the prepared cluster, as a tar; undefined where there is none, so that initdb makes one. */
export async function readClusterImage(image: URL = clusterImage): Promise<Buffer<ArrayBuffer> | undefined> {
  try {
    return await promisify(brotliDecompress)(await readFile(image));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
