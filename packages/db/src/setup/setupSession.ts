import { Client, type ClientConfig } from 'pg';
import { closeClient } from '../closeClient.ts';
import { cancelStatement } from '../lanes/cancelStatement.ts';
import { openSession } from '../lanes/session.ts';
import { noTimeouts } from '../lanes/timeouts.ts';
import { runStatement } from '../runQuery.ts';
import { type Sql, textOf } from '../sql.ts';
import type { DatabaseTarget } from './databaseTarget.ts';
import type { Steps } from './steps.ts';

/** Who hears of a session. */
interface SessionParts {
  readonly steps: Steps;
  readonly signal: AbortSignal | undefined;
  onQuery(text: string): void;
}

/** Uses a session without timeouts; when the signal comes, what runs on it is cancelled. */
export async function withSetupSession(
  connection: ClientConfig,
  target: DatabaseTarget,
  { steps, signal, onQuery }: SessionParts,
  use: (client: Client, sql: Sql) => Promise<void>,
): Promise<void> {
  const client = newClient(connection);
  const cut = () => {
    void cancelStatement(client, connection);
    client.connection.stream.destroy();
  };
  signal?.addEventListener('abort', cut);
  try {
    await steps.run(`connecting to ${target.server}`, () => open(client, target));
    await use(client, sqlOver(client, onQuery));
  } finally {
    signal?.removeEventListener('abort', cut);
    await closeClient(client);
  }
}

function newClient(connection: ClientConfig): Client {
  const client = new Client({ ...connection, application_name: 'muster migrations' });
  // A loss fails the statement under way, or else the next one.
  client.on('error', () => {});
  return client;
}

async function open(client: Client, { schema }: DatabaseTarget): Promise<Client> {
  await client.connect();
  await openSession(client, noTimeouts, schema);
  return client;
}

/** Opens a further session of the same kind. */
export async function openSetupClient(connection: ClientConfig, target: DatabaseTarget): Promise<Client> {
  const client = newClient(connection);
  try {
    return await open(client, target);
  } catch (error) {
    await closeClient(client);
    throw error;
  }
}

function sqlOver(client: Client, onQuery: (text: string) => void): Sql {
  return {
    query: (statement, values = []) => {
      onQuery(textOf(statement));
      return runStatement(client, statement, values);
    },
  };
}
