import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { BenchError } from './benchError.ts';

/** Where databases can be made: the variable is the one that the tests have for it. */
const administrationUrl = process.env.MUSTER_TEST_POSTGRES_URL || 'postgresql://postgres@127.0.0.1:5432/postgres';

export interface BenchDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** An empty PostgreSQL database for one server; to be dropped. */
export async function createDatabase(): Promise<BenchDatabase> {
  const name = `muster_bench_${randomBytes(6).toString('hex')}`;
  await administer(`CREATE DATABASE ${name}`);
  const url = new URL(administrationUrl);
  url.pathname = `/${name}`;
  return {
    url: url.href,
    drop: async () => {
      await administer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

export async function postgresVersion(): Promise<string> {
  const [row] = await administer('SHOW server_version');
  return String(row?.server_version).split(' ')[0] ?? '';
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
