import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The file that lies in a folder while its cluster is being made. */
const marker = 'muster.unfinished';

/** The names at the top of a cluster's folder. */
const ofCluster = /^(PG_VERSION|base|global|pg_\w+(\.conf)?|postgresql(\.auto)?\.conf|postmaster\.\w+)$/;

/** Whether a name at the top of a folder is one of a cluster's. */
export function isOfCluster(name: string): boolean {
  return ofCluster.test(name);
}

/** Whether a cluster is being made in a folder with these names, or was when its process was killed. */
export function isUnfinished(names: readonly string[]): boolean {
  return names.includes(marker);
}

/** Whether a folder has no cluster yet that can be opened. */
export async function lacksCluster(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return isUnfinished(names) || !names.includes('PG_VERSION');
}

/**
 * Makes a cluster in a locked folder that has none. A process that is killed meanwhile leaves the marker: nobody opens what
 * lies there then, and the next call removes it first.
 *
 * @param make fills the folder
 */
export async function makeCluster<Cluster>(folder: string, make: () => Promise<Cluster>): Promise<Cluster> {
  const file = join(folder, marker);
  await writeFile(file, '');
  const remains = (await readdir(folder)).filter(isOfCluster);
  await Promise.all(remains.map((name) => rm(join(folder, name), { recursive: true })));
  const made = await make();
  await rm(file);
  return made;
}
