import { PrismaPg } from '@prisma/adapter-pg';
import { Client, type Pool, type PoolClient, types } from 'pg';
import type { Database } from './database.ts';
import { appliedMigrations, migrate } from './migrate.ts';
import { createPipeline } from './pipeline.ts';
import { createPool } from './pool.ts';
import { createPostgresListener } from './postgresListener.ts';
import { createPrisma } from './prisma.ts';
import { DatabaseSetupError } from './setupError.ts';
import type { Sql, Statement } from './sql.ts';

const oldestServerVersion = 150000;

/** Measured: more connections are slower, since fewer statements are under way on each and travel together. */
const pipelinedConnections = 4;

interface PostgresSettings {
  url: string;
  poolSize: number;
  answerTimeoutMs: number;
  migrationsDir: string;
  onQuery(text: string): void;
  onWarning(message: string, error: unknown): void;
}

/**
 * Connects to a PostgreSQL server: by a pool, and by further connections of which one listens, one reads the event log,
 * and a few are pipelined.
 */
export async function openPostgres(settings: PostgresSettings): Promise<Database> {
  const connection = {
    connectionString: settings.url,
    application_name: 'muster',
    keepAlive: true,
    connectionTimeoutMillis: 5_000,
    types: { getTypeParser },
  };
  const poolSettings = { ...connection, max: settings.poolSize, idleTimeoutMillis: 30_000 };
  const pool = createPool(poolSettings, settings.onWarning);
  // Connects at the first read of the log. Such a query waits for no lock: an answer comes at once, or never.
  const logSettings = { ...connection, max: 1, query_timeout: settings.answerTimeoutMs };
  const logPool = createPool(logSettings, settings.onWarning);
  const pipeline = createPipeline({
    newClient: () => new Client({ ...connection, pipeline: true, query_timeout: settings.answerTimeoutMs }),
    connections: pipelinedConnections,
    onQuery: settings.onQuery,
    onWarning: settings.onWarning,
  });
  try {
    await onOneConnection(pool, async (client) => {
      const sql = sqlOver(client, settings.onQuery);
      await refuseOldServer(sql);
      await migrate({ sql, script: async (text) => void (await client.query(text)) }, settings.migrationsDir);
    });
  } catch (error) {
    await pool.end();
    throw error;
  }
  const sql = sqlOver(pool, settings.onQuery);
  const prisma = createPrisma(new PrismaPg(pool), settings.onQuery);
  return {
    kind: 'postgresql',
    prisma,
    sql,
    shortSql: pipeline.sql,
    logSql: sqlOver(logPool, settings.onQuery),
    transaction: (work) => onOneConnection(pool, (client) => inTransaction(client, work, settings.onQuery)),
    listen: (channel, onWake) =>
      createPostgresListener({
        connect: () => new Client({ ...connection, application_name: 'muster listener' }),
        channel,
        onWake,
        onWarning: settings.onWarning,
      }),
    appliedMigrations: () => appliedMigrations(sql),
    close: async () => {
      await prisma.$disconnect();
      await Promise.all([pool.end(), logPool.end(), pipeline.close()]);
    },
  };
}

/** Parses `bigint` as a number, as PGlite does; everything else as the driver does by default. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === types.builtins.INT8) return Number;
  return types.getTypeParser(oid, format as 'text');
}

async function onOneConnection<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  // Between two queries there is no promise to reject if the server goes away; the next query fails.
  const onLost = (error: Error) => {
    broken = error;
  };
  client.on('error', onLost);
  try {
    return await work(client);
  } catch (error) {
    broken = error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off('error', onLost);
    // After a failure the session's state is unknown: the pool closes it instead of lending it again.
    client.release(broken);
  }
}

async function inTransaction<Result>(
  client: PoolClient,
  work: (sql: Sql) => Promise<Result>,
  onQuery: (text: string) => void,
): Promise<Result> {
  await client.query('BEGIN');
  const result = await work(sqlOver(client, onQuery));
  await client.query('COMMIT');
  return result;
}

async function refuseOldServer(sql: Sql): Promise<void> {
  const [row] = await sql.query<{ number: number; version: string }>(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version`,
  );
  if (row && row.number < oldestServerVersion) {
    throw new DatabaseSetupError(`DATABASE_URL: expected PostgreSQL 15 or later, the server is ${row.version}`);
  }
}

function sqlOver(connection: Pool | PoolClient, onQuery: (text: string) => void): Sql {
  return {
    query: async <Row extends object>(statement: string | Statement, values: readonly unknown[] = []) => {
      const config = typeof statement === 'string' ? { text: statement } : statement;
      onQuery(config.text);
      return (await connection.query<Row>({ ...config, values: [...values] })).rows;
    },
  };
}
