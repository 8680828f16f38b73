import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isOfCluster, isUnfinished } from '../cluster/newCluster.ts';
import { DatabaseSetupError } from './setupError.ts';

/** The version of PostgreSQL that PGlite 0.5 is; a folder of another one can't be opened. */
export const embeddedVersion = '18';

/** Parts of every cluster: without one of these PGlite aborts, or, without the first, makes a new cluster over the old. */
const parts = [
  'PG_VERSION',
  'base',
  'global/pg_control',
  'pg_multixact',
  'pg_wal',
  'pg_xact',
  'postgresql.conf',
  'pg_hba.conf',
];

/** Files that may lie in a folder without a cluster: Muster's claims, and those that come with volumes. */
const besideCluster = /^(muster\..*|lost\+found|\..*)$/;

/**
 * O11: looks whether an embedded database can be opened in a folder, or made there. PGlite's own errors don't say what is
 * wrong.
 *
 * @throws DatabaseSetupError that says what to change
 */
export async function checkEmbeddedFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  const all = await readdir(folder);
  const isToBeMade = isUnfinished(all);
  const names = all.filter((name) => !besideCluster.test(name) && !(isToBeMade && isOfCluster(name)));
  if (names.length === 0) return;
  if (isToBeMade || !names.includes('PG_VERSION')) {
    throw refusal(folder, `holds files of something else (${names.slice(0, 3).join(', ')})`, 'choose another folder');
  }
  await refuseClosedFiles(folder);
  await refuseMissingParts(folder);
  const version = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim();
  if (version !== embeddedVersion) {
    throw refusal(
      folder,
      `is of PostgreSQL ${version}, and this version of Muster opens PostgreSQL ${embeddedVersion}`,
      'start the version that made it, or choose another folder',
    );
  }
}

/** An embedded database that can't be opened, though its folder looks whole. */
export function notOpened(folder: string, error: unknown): DatabaseSetupError {
  const why = error instanceof Error ? error.message : String(error);
  return new DatabaseSetupError(
    `MUSTER_DATA_DIR: the database in the folder ${folder} can't be opened, its files are damaged (${why}): put back a backup, or choose another folder`,
    { cause: error },
  );
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST' || code === 'ENOTDIR') throw refusal(folder, 'is not a folder', 'name one');
    throw refusal(
      folder,
      `can't be written by this user (${code})`,
      'give the user the right, or choose another folder',
    );
  }
}

async function refuseClosedFiles(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    if (besideCluster.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const isOpen = await access(path, constants.R_OK | constants.W_OK).then(
      () => true,
      () => false,
    );
    if (!isOpen) {
      throw refusal(
        folder,
        `has files that this user can't read and write (${path})`,
        'run as the user that they belong to, or give them to this one',
      );
    }
  }
}

async function refuseMissingParts(folder: string): Promise<void> {
  for (const part of parts) {
    const isThere = await access(join(folder, part)).then(
      () => true,
      () => false,
    );
    if (!isThere) throw refusal(folder, `has no ${part}`, 'put back a backup, or choose another folder');
  }
}

function refusal(folder: string, what: string, change: string): DatabaseSetupError {
  return new DatabaseSetupError(`MUSTER_DATA_DIR: ${folder} ${what}: ${change}`);
}
