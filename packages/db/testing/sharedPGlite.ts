import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { Database, OpenDatabaseOptions } from '../src/database.ts';
import { migrationsFolder } from '../src/migrations/folder.ts';
import { databaseOver } from '../src/pglite.ts';
import { type SharedPGlite, testWorker } from './testWorker.ts';

/**
 * A migrated, empty database: the worker's shared one, unless it is in use, or `options` ask for another. `template` is
 * the folder of the prepared cluster.
 */
export async function openPGliteFrom(template: string, options: OpenDatabaseOptions): Promise<Database> {
  const worker = testWorker();
  const shared = worker.pglite ?? (await openShared(template));
  delete worker.pglite;
  const settings = {
    migrationsDir: options.migrationsDir ?? migrationsFolder,
    migrate: true,
    signal: undefined,
    onQuery: options.onQuery ?? (() => {}),
    onStep: () => {},
    onDelay: () => {},
  };
  let isClosed = false;
  const release = async () => {
    if (isClosed) return;
    isClosed = true;
    if (worker.pglite === undefined && (await readDefinitions(shared.pglite)) === shared.definitions) {
      await shared.pglite.exec(shared.reset);
      worker.pglite = shared;
    } else {
      await shared.pglite.close();
    }
  };
  try {
    const client = refuseOnce(shared.pglite, () => isClosed);
    return await databaseOver(client, settings, release);
  } catch (error) {
    await release();
    throw error;
  }
}

/** A PGlite as one file sees it: once that has closed it, it answers nothing, though others use it. */
function refuseOnce(pglite: PGlite, isClosed: () => boolean): PGlite {
  return new Proxy(pglite, {
    get: (target, key) => {
      const member: unknown = Reflect.get(target, key, target);
      if (typeof member !== 'function') return member;
      return (...values: unknown[]) => {
        if (isClosed()) throw new Error('PGlite is closed');
        return member.apply(target, values);
      };
    },
  });
}

async function openShared(template: string): Promise<SharedPGlite> {
  const loadDataDir = new Blob([await readFile(join(template, 'dump.tar'))]);
  const pglite = await PGlite.create({ dataDir: 'memory://', loadDataDir });
  return { pglite, definitions: await readDefinitions(pglite), reset: await writeReset(pglite) };
}

async function readDefinitions(pglite: PGlite): Promise<string> {
  const { rows } = await pglite.query<{ definitions: string }>(
    `SELECT concat_ws(E'\\n',
       (SELECT string_agg(concat_ws(' ', c.relname, c.relkind, a.attname, a.atttypid, a.attnotnull), E'\\n'
          ORDER BY c.relname, a.attnum)
        FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relnamespace = 'public'::regnamespace),
       (SELECT string_agg(pg_get_constraintdef(oid), E'\\n' ORDER BY conname, oid) FROM pg_constraint),
       (SELECT string_agg(concat(pg_get_triggerdef(oid), tgenabled), E'\\n' ORDER BY tgname, oid) FROM pg_trigger),
       (SELECT string_agg(proname || prosrc, E'\\n' ORDER BY proname, oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace),
       (SELECT string_agg(nspname, ' ' ORDER BY nspname) FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'),
       (SELECT string_agg(rolname, ' ' ORDER BY rolname) FROM pg_roles)) AS definitions`,
  );
  return rows[0]?.definitions ?? '';
}

/** SQL that empties all tables, and writes again what stands in them now. */
async function writeReset(pglite: PGlite): Promise<string> {
  const { rows } = await pglite.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`,
  );
  const inserts: string[] = [];
  for (const { name } of rows) {
    const { rows: found } = await pglite.query<{ rows: unknown }>(`SELECT jsonb_agg(t)::text AS rows FROM "${name}" t`);
    const text = found[0]?.rows;
    if (typeof text !== 'string') continue;
    inserts.push(
      `INSERT INTO "${name}" SELECT * FROM jsonb_populate_recordset(NULL::"${name}", '${text.replaceAll("'", "''")}')`,
    );
  }
  return [
    'ROLLBACK',
    'UNLISTEN *',
    'RESET ALL',
    'SELECT pg_advisory_unlock_all()',
    'BEGIN',
    "SET LOCAL session_replication_role = 'replica'",
    `TRUNCATE ${rows.map(({ name }) => `"${name}"`).join(', ')} RESTART IDENTITY`,
    ...inserts,
    'COMMIT',
  ].join(';\n');
}
