import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type FolderLock, lockFolder } from '../src/folderLock/folderLock.ts';
import { DatabaseSetupError } from '../src/setup/setupError.ts';
import { childMark } from './processGuard.ts';
import { administrationUrl, findPostgres } from './versions.ts';

/** One run of the tests. All that it makes outside the repository carries its id. */
export interface TestRun {
  readonly id: string;
  /** The folder of the run's temporary files. */
  readonly folder: string;
  /** Ends the run; says which processes and databases it had left behind, which are gone by then. */
  end(): Promise<string[]>;
}

const folderPrefix = 'muster-tests-';
const databasePrefix = 'muster_test_';

/** Begins a run, after cleaning up behind earlier ones that were killed. */
export async function beginRun(): Promise<TestRun> {
  const id = randomBytes(4).toString('hex');
  const base = tmpdir();
  await removeDeadRuns(base);
  const folder = join(base, `${folderPrefix}${id}`);
  await mkdir(folder);
  // PostgreSQL may run as somebody else, in a folder within.
  await chmod(folder, 0o755);
  const lock = await lockFolder(folder);
  const databases = (await findPostgres()) === undefined ? undefined : await openRunDatabases(id);
  return {
    id,
    folder,
    end: async () => {
      const left = [...(await killProcesses(id)), ...((await databases?.end()) ?? [])];
      await lock.release();
      await rm(folder, { recursive: true, force: true });
      return left;
    },
  };
}

/** The name of a new database of a run. */
export function newDatabaseName(runId: string): string {
  return `${databasePrefix}${runId}_${randomBytes(4).toString('hex')}`;
}

async function removeDeadRuns(base: string): Promise<void> {
  for (const name of await readdir(base)) {
    if (!name.startsWith(folderPrefix)) continue;
    const folder = join(base, name);
    // One without a lock is only just being made.
    if (!(await readdir(folder).catch(() => [])).some((file) => file.startsWith('muster.lock.'))) continue;
    let lock: FolderLock;
    try {
      lock = await lockFolder(folder, { silentMs: 5_000 });
    } catch (error) {
      if (error instanceof DatabaseSetupError) continue;
      throw error;
    }
    await killProcesses(name.slice(folderPrefix.length));
    await rm(folder, { recursive: true, force: true });
    await lock.release();
  }
}

/** Kills what a run's tests started and is still there; says what it was. Only Linux tells of processes' environments. */
async function killProcesses(runId: string): Promise<string[]> {
  const killed: string[] = [];
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue;
    const environment = await readFile(`/proc/${name}/environ`, 'utf8').catch(() => '');
    if (!environment.split('\0').includes(`${childMark}=${runId}`)) continue;
    const command = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '');
    try {
      process.kill(Number(name), 'SIGKILL');
      // One that is ending by itself has no command any more.
      if (command !== '' && !command.includes('guardProcess'))
        killed.push(`process ${name}: ${command.replaceAll('\0', ' ')}`);
    } catch {
      // It has ended meanwhile.
    }
  }
  return killed;
}

/**
 * Holds, for as long as the run lasts, a lock in PostgreSQL under the run's name, so that other runs know that its
 * databases are in use; drops the databases whose run holds none any more.
 */
async function openRunDatabases(id: string): Promise<{ end(): Promise<string[]> }> {
  const client = new Client({ connectionString: administrationUrl });
  // A run that loses PostgreSQL has other failures to tell of.
  client.on('error', () => {});
  await client.connect();
  await client.query('SELECT pg_advisory_lock(hashtext($1))', [databasePrefix + id]);
  await dropDatabases(client, async (runId) => {
    const { rows } = await client.query<{ dead: boolean }>('SELECT pg_try_advisory_lock(hashtext($1)) AS dead', [
      databasePrefix + runId,
    ]);
    return runId !== id && rows[0]?.dead === true;
  });
  return {
    end: async () => {
      const inUse = await dropDatabases(client, async (runId) => runId === id);
      await client.end();
      return inUse.map((name) => `database ${name}`);
    },
  };
}

/** Drops databases; says which of them a test had, and not only a worker, for the next test or after the last one. */
async function dropDatabases(client: Client, isOver: (runId: string) => Promise<boolean>): Promise<string[]> {
  const { rows } = await client.query<{ datname: string; datconnlimit: number }>(
    'SELECT datname, datconnlimit FROM pg_database',
  );
  const inUse: string[] = [];
  for (const { datname, datconnlimit } of rows) {
    const [, runId] = new RegExp(`^${databasePrefix}([0-9a-f]{8})_[0-9a-f]{8}$`).exec(datname) ?? [];
    if (runId === undefined || !(await isOver(runId))) continue;
    await client.query(`DROP DATABASE IF EXISTS ${datname} WITH (FORCE)`);
    // Of one that is being dropped it is -2.
    if (datconnlimit === -1) inUse.push(datname);
  }
  return inUse;
}
