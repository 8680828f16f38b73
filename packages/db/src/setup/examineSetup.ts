import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { lacksCluster } from '../cluster/newCluster.ts';
import type { OpenDatabaseOptions } from '../database.ts';
import { lockFolder } from '../folderLock/folderLock.ts';
import { defaultPoolSize, mostConnections } from '../lanes/shares.ts';
import { migrationsFolder } from '../migrations/folder.ts';
import { sqlOver } from '../pglite.ts';
import { connectionTo } from '../postgres.ts';
import { readDatabaseUrl } from './databaseTarget.ts';
import { checkEmbeddedFolder, notOpened } from './embeddedFolder.ts';
import { examineDatabase, examineMigrations } from './examineDatabase.ts';
import { type Finding, findingOf } from './finding.ts';

type SetupOptions = Pick<OpenDatabaseOptions, 'url' | 'dataDir' | 'poolSize' | 'migrationsDir'>;

/**
 * Looks at all that `openDatabase` looks at, and changes nothing: each finding is of one check. The last may be of what
 * hinders further ones.
 */
export async function examineSetup(options: SetupOptions): Promise<Finding[]> {
  const { url, dataDir = '.data', poolSize = defaultPoolSize, migrationsDir = migrationsFolder } = options;
  try {
    if (url === undefined) return await examineFolder(dataDir, migrationsDir);
    const target = readDatabaseUrl(url);
    return await examineDatabase(connectionTo(target), target, {
      proveConnections: mostConnections(poolSize),
      migrationsDir,
    });
  } catch (error) {
    return [findingOf('database', error)];
  }
}

async function examineFolder(dataDir: string, migrationsDir: string): Promise<Finding[]> {
  const subject = 'folder';
  if (dataDir.startsWith('memory://')) {
    return [{ subject, level: 'warning', message: 'the embedded database is in memory: it ends with the server' }];
  }
  const folder = resolve(dataDir);
  if (!(await isThere(folder))) {
    return [none(folder)];
  }
  try {
    await checkEmbeddedFolder(folder);
  } catch (error) {
    return [findingOf(subject, error)];
  }
  return examineEmbedded(folder, migrationsDir);
}

async function examineEmbedded(folder: string, migrationsDir: string): Promise<Finding[]> {
  const subject = 'folder';
  let lock: Awaited<ReturnType<typeof lockFolder>>;
  try {
    lock = await lockFolder(folder);
  } catch (error) {
    // As it should be, while a server runs.
    return [{ ...findingOf(subject, error), level: 'warning' }];
  }
  try {
    if (await lacksCluster(folder)) return [none(folder)];
    const pglite = await PGlite.create(folder).catch((error: unknown) => {
      throw notOpened(folder, error);
    });
    const migrations = await examineMigrations(
      sqlOver(pglite, () => {}),
      migrationsDir,
    ).finally(() => pglite.close());
    return [{ subject, level: 'ok', message: `the embedded database in ${folder} opens` }, ...migrations];
  } catch (error) {
    return [findingOf(subject, error)];
  } finally {
    await lock.release();
  }
}

function none(folder: string): Finding {
  const message = `there is none at ${folder}: a start makes an embedded database there`;
  return { subject: 'folder', level: 'ok', message };
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
