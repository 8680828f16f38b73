import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { BenchError } from './benchError.ts';
import { readParent } from './procfs.ts';

/** The PostgreSQL server to create databases on, by the same variable as in the tests. */
const administrationUrl = process.env.MUSTER_TEST_POSTGRES_URL || 'postgresql://postgres@127.0.0.1:5432/postgres';

/** A database of a bench. */
export interface BenchDatabase {
  readonly name: string;
  readonly url: string;
  drop(): Promise<void>;
}

/** Creates a PostgreSQL database, empty or a copy of one without connections; the caller drops it. */
export async function createDatabase(template?: Pick<BenchDatabase, 'name'>): Promise<BenchDatabase> {
  const name = `muster_bench_${randomBytes(6).toString('hex')}`;
  await administer(`CREATE DATABASE ${name}${template ? ` TEMPLATE ${template.name}` : ''}`);
  const url = new URL(administrationUrl);
  url.pathname = `/${name}`;
  return {
    name,
    url: url.href,
    drop: async () => {
      await administer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

/** Reads the version of PostgreSQL. */
export async function postgresVersion(): Promise<string> {
  const [row] = await administer('SHOW server_version');
  return String(row?.server_version).split(' ')[0] ?? '';
}

/**
 * Finds PostgreSQL's first process, whose children are all its other processes.
 *
 * @throws BenchError if it doesn't run on this machine
 */
export async function postmasterPid(): Promise<number> {
  const client = new Client({ connectionString: administrationUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    return await readParent(rows[0]?.pid ?? 0);
  } finally {
    await client.end();
  }
}

async function administer(statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: administrationUrl });
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(statement)).rows;
  } catch (error) {
    const { host } = new URL(administrationUrl);
    throw new BenchError(
      `expected a PostgreSQL at ${host} where databases may be made (MUSTER_TEST_POSTGRES_URL names another): ${error instanceof Error ? error.message : error}`,
    );
  } finally {
    await client.end();
  }
}
