import { AsyncLocalStorage } from 'node:async_hooks';
import { resolve } from 'node:path';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import { readClusterImage } from './cluster/clusterImage.ts';
import { lacksCluster, makeCluster } from './cluster/newCluster.ts';
import { unpack } from './cluster/unpack.ts';
import type { Database } from './database.ts';
import { type FolderLock, FolderLostError, lockFolder } from './folderLock/folderLock.ts';
import { EmbeddedLanes } from './lanes/embeddedLanes.ts';
import { ownWork, type Work } from './lanes/work.ts';
import { WorkStoppedError } from './lanes/workErrors.ts';
import { appliedMigrations } from './migrations/history.ts';
import { migrate } from './migrations/migrate.ts';
import { createPrisma } from './prisma.ts';
import { checkEmbeddedFolder, notOpened } from './setup/embeddedFolder.ts';
import type { StartOptions } from './setup/prepareDatabase.ts';
import { createSteps } from './setup/steps.ts';
import type { Sql } from './sql.ts';

interface PGliteSettings extends StartOptions {
  dataDir: string;
  loadDataDir: Blob | undefined;
}

/** initdb would have PostgreSQL keep 160 MB of tables in this process; more than this, the system's cache of files keeps. */
const startParams = [...PGlite.defaultStartParams, '-c', 'shared_buffers=32MB'];

/** A database in memory is nobody else's. */
const noLock: FolderLock = { assertHeld: () => {}, release: async () => {} };

/** Opens PGlite, PostgreSQL as WebAssembly in this process: one connection, for trials, tests and small sites. */
export async function openPGlite(settings: PGliteSettings): Promise<Database> {
  const inMemory = settings.dataDir.startsWith('memory://');
  const dataDir = inMemory ? settings.dataDir : resolve(settings.dataDir);
  const steps = createSteps(settings.onDelay);
  settings.onStep(`opening the embedded database in ${dataDir}`);
  if (!inMemory) await checkEmbeddedFolder(dataDir);
  const lock = inMemory ? noLock : await lockDataDir(dataDir, settings);
  let pglite: PGlite;
  try {
    pglite = await steps.run('opening the embedded database', () =>
      openCluster(dataDir, settings.loadDataDir, !inMemory),
    );
  } catch (error) {
    await lock.release();
    throw error;
  }
  const release = async () => {
    await closeUnlessLost(pglite, lock);
    await lock.release();
  };
  try {
    return await databaseOver(pglite, settings, release, lock.assertHeld);
  } catch (error) {
    await release();
    throw error;
  }
}

function createPGlite(dataDir: string, loadDataDir?: Blob): Promise<PGlite> {
  return PGlite.create({ dataDir, startParams, ...(loadDataDir ? { loadDataDir } : {}) });
}

/** Opens the cluster of a folder, or makes one there: from `dump`, from the prepared image, or by initdb. */
async function openCluster(dataDir: string, dump: Blob | undefined, isFolder: boolean): Promise<PGlite> {
  try {
    if (isFolder && !(await lacksCluster(dataDir))) return await createPGlite(dataDir, dump);
    const tar = dump ? Buffer.from(await dump.arrayBuffer()) : await readClusterImage();
    if (!isFolder) return await createPGlite(dataDir, tar && new Blob([tar]));
    return await makeCluster(dataDir, async () => {
      if (tar) unpack(tar, dataDir);
      return createPGlite(dataDir);
    });
  } catch (error) {
    throw notOpened(dataDir, error);
  }
}

function lockDataDir(dataDir: string, { onWarning, signal }: PGliteSettings): Promise<FolderLock> {
  return lockFolder(dataDir, {
    signal,
    onWait: (message) => onWarning(message, undefined),
    onLost: (error) => onWarning('the embedded database answers nothing from now on; start this server anew', error),
  });
}

/** Closing writes: what another process has taken is left as it is. */
async function closeUnlessLost(pglite: PGlite, lock: FolderLock): Promise<void> {
  try {
    lock.assertHeld();
  } catch (error) {
    if (error instanceof FolderLostError) return;
    throw error;
  }
  await pglite.close();
}

/**
 * A database over a PGlite that is open, brought to the migrations; `release` runs when the database is closed, and
 * `assertHeld` before each turn of its one connection: nothing runs where it throws.
 */
export async function databaseOver(
  pglite: PGlite,
  settings: Pick<PGliteSettings, 'migrationsDir' | 'migrate' | 'signal' | 'onQuery' | 'onStep' | 'onDelay'>,
  release: () => Promise<void>,
  assertHeld: () => void = () => {},
): Promise<Database> {
  const { onQuery, onStep, onDelay, signal } = settings;
  const direct = sqlOver(pglite, onQuery);
  signal?.throwIfAborted();
  await migrate(
    { sql: direct, script: async (text) => void (await pglite.exec(text)) },
    { folder: settings.migrationsDir, apply: settings.migrate, steps: createSteps(onDelay), signal, onStep, onDelay },
  );
  const lanes = new EmbeddedLanes();
  const take = <Result>(work: Work, run: () => Promise<Result>) =>
    lanes.take(work, async () => {
      assertHeld();
      return run();
    });
  const works = new AsyncLocalStorage<Work>();
  const own = ownWork('sweeps');
  const work = () => works.getStore() ?? own;
  const sqlFor = (workOf: () => Work): Sql => ({
    query: (statement, values) => take(workOf(), () => direct.query(statement, values)),
  });
  const sql = sqlFor(work);
  const tailing = ownWork('probes');
  const prisma = createPrisma(new PrismaPGlite(inLanes(pglite, (run) => take(work(), run))), onQuery);
  const interrupt = () => lanes.interrupt(new WorkStoppedError('shutdown'));
  return {
    kind: 'pglite',
    prisma,
    sql,
    shortSql: sql,
    logSql: sqlFor(() => tailing),
    transaction: (run) => take(work(), () => pglite.transaction((transaction) => run(sqlOver(transaction, onQuery)))),
    currentWork: work,
    runAs: (next, run) => works.run(next, run),
    runInLane: (lane, run) => works.run(work().inLane(lane), run),
    loads: () => lanes.loads,
    interrupt,
    listen: async (channel, onWake) => {
      const stop = await pglite.listen(channel, onWake);
      return () => stop();
    },
    isListening: () => true,
    appliedMigrations: () => appliedMigrations(sql),
    close: async () => {
      await prisma.$disconnect();
      interrupt();
      await release();
    },
  };
}

/** PGlite as Prisma's adapter uses it, with its queries and transactions in the lanes. */
function inLanes(pglite: PGlite, take: <Result>(run: () => Promise<Result>) => Promise<Result>): PGlite {
  return new Proxy(pglite, {
    get: (target, name) => {
      if (name === 'query' || name === 'transaction') {
        return (...args: never[]) =>
          take(() => (target[name] as (...args: never[]) => Promise<unknown>).apply(target, args));
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** SQL by a PGlite, on no lane. */
export function sqlOver(connection: PGlite | Transaction, onQuery: (text: string) => void): Sql {
  return {
    query: async <Row extends object>(statement: string | { text: string }, values: readonly unknown[] = []) => {
      const text = typeof statement === 'string' ? statement : statement.text;
      onQuery(text);
      return (await connection.query<Row>(text, [...values])).rows;
    },
  };
}
