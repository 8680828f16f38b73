import type { Client, QueryConfig } from 'pg';
import { closeClient } from '../closeClient.ts';
import type { DatabaseTarget } from './databaseTarget.ts';
import type { Finding } from './finding.ts';

/** How long an answer may take, in milliseconds: a pooler without a free connection gives none. */
const answerMs = 5_000;

/**
 * O3: opens as many connections as the server will have, all at once, and looks whether each is one session: what it sets must be
 * there in its next statement, and nowhere else. A pooler in transaction or statement mode hands a
 * session's statements to whichever connection is free.
 *
 * @param openClient connects a client and sets the session's settings
 * @param count how many, with the connection that the caller has
 */
export async function proveSessions(
  openClient: () => Promise<Client>,
  count: number,
  target: DatabaseTarget,
): Promise<Finding> {
  const opened = await Promise.allSettled(Array.from({ length: count - 1 }, openClient));
  const clients = opened.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  try {
    const failed = opened.find((each) => each.status === 'rejected');
    if (failed) return tooFew(count, clients.length + 1, failed.reason);
    return (await areSessions(clients))
      ? { subject: 'connections', level: 'ok', message: `${count} at once, none shared` }
      : mixed(count, target);
  } finally {
    await Promise.all(clients.map(closeClient));
  }
}

function tooFew(count: number, got: number, reason: unknown): Finding {
  const why = reason instanceof Error ? reason.message : String(reason);
  return {
    subject: 'connections',
    level: 'failure',
    message: `DATABASE_URL: expected ${count} connections at once; got ${got} (${why}): raise max_connections, the role's and the database's limit, or the pooler's pool, to at least ${count} for each server, or lower MUSTER_DATABASE_POOL_SIZE`,
    mayPass: true,
  };
}

function mixed(count: number, { server }: DatabaseTarget): Finding {
  return {
    subject: 'connections',
    level: 'failure',
    message: `DATABASE_URL: ${server} is a pooler in transaction or statement mode, which mixes up sessions: set its pool_mode to session with a pool of at least ${count} connections for each server, or name the database itself`,
  };
}

interface Mark {
  readonly mark: string;
  readonly pid: number;
}

/** Whether marks stay with those who set them. Read in two orders, since a pooler may go round its connections. */
async function areSessions(clients: readonly Client[]): Promise<boolean> {
  const written = await Promise.all(clients.map((client, index) => setMark(client, String(index))));
  const pids = new Set(written.map(({ pid }) => pid));
  if (pids.size < clients.length) return false;
  const pairs = clients.map((client, index) => ({ client, expected: written[index] }));
  for (const { client, expected } of [...pairs, ...pairs.toReversed()]) {
    const { mark, pid } = await readMark(client);
    if (mark !== expected?.mark || pid !== expected.pid) return false;
  }
  return true;
}

const setMark = (client: Client, mark: string) =>
  ask(client, `SELECT pg_catalog.set_config('muster.session', $1, FALSE) AS mark, pg_backend_pid() AS pid`, [mark]);

const readMark = (client: Client) =>
  ask(client, `SELECT pg_catalog.current_setting('muster.session', TRUE) AS mark, pg_backend_pid() AS pid`, []);

async function ask(client: Client, text: string, values: string[]): Promise<Mark> {
  const query: QueryConfig & { query_timeout: number } = { text, values, query_timeout: answerMs };
  const { rows } = await client.query<Mark>(query);
  return rows[0] ?? { mark: '', pid: 0 };
}
