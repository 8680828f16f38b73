import { Client } from 'pg';
import { openDatabase } from '../src/open.ts';
import { createPostgresDatabase } from './postgresDatabases.ts';

/** The outcome of an upgrade; both lists are empty where it is right. */
export interface Upgrade {
  /** The tables that have fewer rows than before, or are gone. */
  readonly lost: string[];
  /** The definitions that an upgraded database and a new one don't have in common. */
  readonly differences: string[];
}

/** Loads the dump of a database, applies the migrations of a folder, and compares with the dump and with a new database. */
export async function upgradeDump(dump: string, migrationsDir: string): Promise<Upgrade> {
  const [old, fresh] = [await createPostgresDatabase('template0'), await createPostgresDatabase('template0')];
  try {
    const before = await withClient(old.url, async (client) => {
      await client.query(statementsOf(dump));
      return countRows(client);
    });
    for (const { url } of [old, fresh]) await (await openDatabase({ url, migrationsDir })).close();
    const after = await withClient(old.url, countRows);
    const [upgraded, made] = [await withClient(old.url, readDefinitions), await withClient(fresh.url, readDefinitions)];
    return {
      lost: [...before].flatMap(([table, rows]) => ((after.get(table) ?? -1) < rows ? [table] : [])),
      differences: [
        ...made.filter((line) => !upgraded.includes(line)),
        ...upgraded.filter((line) => !made.includes(line)),
      ].sort(),
    };
  } finally {
    await old.drop();
    await fresh.drop();
  }
}

/** A dump without the commands to psql that newer versions of pg_dump write. */
const statementsOf = (dump: string) => dump.replaceAll(/^\\(un)?restrict .*$/gm, '');

async function withClient<Result>(url: string, use: (client: Client) => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

async function countRows(client: Client): Promise<Map<string, number>> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`,
  );
  const counts = new Map<string, number>();
  for (const { name } of rows) {
    const counted = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM public."${name}"`);
    counts.set(name, counted.rows[0]?.count ?? 0);
  }
  return counts;
}

/** Columns, constraints, indexes, triggers, functions and enumerations, a line each; partitions are data. */
async function readDefinitions(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(
    `WITH tables AS (SELECT oid, relname FROM pg_class
       WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'S') AND NOT relispartition)
     SELECT concat_ws(' ', relname, attname, format_type(atttypid, atttypmod), attnotnull, attcollation::regcollation,
         pg_get_expr(adbin, adrelid)) AS line
       FROM tables JOIN pg_attribute a ON attrelid = tables.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
       WHERE attnum > 0 AND NOT attisdropped
     UNION ALL SELECT concat_ws(' ', relname, conname, pg_get_constraintdef(c.oid)) FROM tables JOIN pg_constraint c ON conrelid = tables.oid
     UNION ALL SELECT concat_ws(' ', pg_get_indexdef(indexrelid), indisvalid) FROM tables JOIN pg_index ON indrelid = tables.oid
     UNION ALL SELECT concat_ws(' ', pg_get_triggerdef(t.oid), tgenabled) FROM tables JOIN pg_trigger t ON tgrelid = tables.oid WHERE NOT tgisinternal
     UNION ALL SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
     UNION ALL SELECT concat_ws(' ', typname, enumlabel, row_number() OVER (PARTITION BY typname ORDER BY enumsortorder))
       FROM pg_enum JOIN pg_type t ON t.oid = enumtypid`,
  );
  return rows.map(({ line }) => line);
}
