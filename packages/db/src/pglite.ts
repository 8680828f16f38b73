import { resolve } from 'node:path';
import { PGlite, type Transaction } from '@electric-sql/pglite';
import { PrismaPGlite } from 'pglite-prisma-adapter';
import type { Database } from './database.ts';
import { lockFolder } from './folderLock.ts';
import { appliedMigrations, migrate } from './migrate.ts';
import { createPrisma } from './prisma.ts';
import type { Sql } from './sql.ts';

interface PGliteSettings {
  dataDir: string;
  loadDataDir: Blob | undefined;
  migrationsDir: string;
  onQuery(text: string): void;
}

/** Opens PGlite, PostgreSQL as WebAssembly in this process: one connection, for trials, tests and small sites. */
export async function openPGlite(settings: PGliteSettings): Promise<Database> {
  const inMemory = settings.dataDir.startsWith('memory://');
  const dataDir = inMemory ? settings.dataDir : resolve(settings.dataDir);
  const unlock = inMemory ? async () => {} : await lockFolder(dataDir);
  let pglite: PGlite;
  try {
    pglite = await PGlite.create({ dataDir, ...(settings.loadDataDir ? { loadDataDir: settings.loadDataDir } : {}) });
  } catch (error) {
    await unlock();
    throw error;
  }
  try {
    return await databaseOver(pglite, settings, async () => {
      await pglite.close();
      await unlock();
    });
  } catch (error) {
    await pglite.close();
    await unlock();
    throw error;
  }
}

/** A database over a PGlite that is open, brought to the migrations; `release` runs when the database is closed. */
export async function databaseOver(
  pglite: PGlite,
  { migrationsDir, onQuery }: Pick<PGliteSettings, 'migrationsDir' | 'onQuery'>,
  release: () => Promise<void>,
): Promise<Database> {
  const sql = sqlOver(pglite, onQuery);
  await migrate({ sql, script: async (text) => void (await pglite.exec(text)) }, migrationsDir);
  const prisma = createPrisma(new PrismaPGlite(pglite), onQuery);
  return {
    kind: 'pglite',
    prisma,
    sql,
    shortSql: sql,
    logSql: sql,
    transaction: (work) => pglite.transaction((transaction) => work(sqlOver(transaction, onQuery))),
    listen: async (channel, onWake) => {
      const stop = await pglite.listen(channel, onWake);
      return () => stop();
    },
    appliedMigrations: () => appliedMigrations(sql),
    close: async () => {
      await prisma.$disconnect();
      await release();
    },
  };
}

function sqlOver(connection: PGlite | Transaction, onQuery: (text: string) => void): Sql {
  return {
    query: async <Row extends object>(statement: string | { text: string }, values: readonly unknown[] = []) => {
      const text = typeof statement === 'string' ? statement : statement.text;
      onQuery(text);
      return (await connection.query<Row>(text, [...values])).rows;
    },
  };
}
