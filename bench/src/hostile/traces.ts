import { readdir } from 'node:fs/promises';
import { Client } from 'pg';
import { request } from 'undici';
import { BenchError } from '../benchError.ts';

/** The traces that work leaves in a server and in its database. */
export interface Traces {
  /** Statements that the database runs for the server, transactions that wait for their next statement included. */
  readonly statements: number;
  readonly webSockets: number;
  readonly streams: number;
  /** Open files and connections of the server's process. */
  readonly openFiles: number;
}

/** The server whose traces are read. */
export interface Traced {
  readonly pid: number;
  readonly origin: string;
  readonly databaseUrl: string;
  /** A credential that may read the metrics. */
  readonly token: string;
}

/** The time after which a server counts as dead. */
const answersWithinMs = 10_000;

/** Reads the traces. */
export async function readTraces({ pid, origin, databaseUrl, token }: Traced): Promise<Traces> {
  const [statements, metrics, files] = await Promise.all([
    countStatements(databaseUrl),
    readMetrics(origin, token),
    readdir(`/proc/${pid}/fd`),
  ]);
  return {
    statements,
    webSockets: metrics('muster_websockets'),
    streams: metrics('muster_event_streams'),
    openFiles: files.length,
  };
}

/** Counts the statements that have run for longer than half a second: an innocent tenant's are shorter. */
async function countStatements(databaseUrl: string): Promise<number> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid()
         AND state IN ('active', 'idle in transaction') AND now() - query_start > interval '500 ms'`,
    );
    return rows[0]?.count ?? 0;
  } finally {
    await client.end();
  }
}

async function readMetrics(origin: string, token: string): Promise<(name: string) => number> {
  const { statusCode, body } = await request(`${origin}/metrics`, {
    headers: { authorization: `Bearer ${token}` },
    headersTimeout: answersWithinMs,
    bodyTimeout: answersWithinMs,
  });
  const text = await body.text();
  if (statusCode !== 200) throw new BenchError(`expected the metrics; got ${statusCode} ${text.slice(0, 500)}`);
  return (name) => {
    const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new BenchError(`expected ${name} among the metrics`);
    return Number(value);
  };
}
