import { Session } from 'node:inspector';
import { fileURLToPath } from 'node:url';
import { type Database, openDatabase, type Sql } from '@muster/db';
import { pino } from 'pino';
import { readConfig } from '../../src/config/config.ts';
import { startOver } from '../../src/server.ts';

/**
 * A program that prints, as JSON, the files in which a function runs for a `publishSupervisor` of a known document, from
 * the request's first byte until its SQL statement is handed to the database's driver. It runs in a separate process,
 * without the transformations of a test runner, over the PostgreSQL at DATABASE_URL.
 */
const packages = fileURLToPath(new URL('../../..', import.meta.url));
const session = new Session();
session.connect();
session.post('Profiler.enable');
session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });

/** The files entered since the last call. An in-process session answers at once. */
function takeEnteredFiles(): Set<string> {
  const entered = new Set<string>();
  session.post('Profiler.takePreciseCoverage', (error, coverage) => {
    if (error) throw error;
    for (const { url, functions } of coverage?.result ?? []) {
      const path = url.startsWith('file://') ? fileURLToPath(url) : '';
      if (!path.startsWith(packages) || !/^\w+\/src\//.test(path.slice(packages.length))) continue;
      if (functions.some(({ ranges }) => (ranges[0]?.count ?? 0) > 0)) entered.add(path.slice(packages.length));
    }
  });
  return entered;
}

let beforeStatement = new Set<string>();

/** The same SQL, seen as its statements go to the driver. */
function watched(sql: Sql): Sql {
  const query: Sql['query'] = (statement, values) => {
    if (typeof statement !== 'string' && statement.name.startsWith('publish')) beforeStatement = takeEnteredFiles();
    return sql.query(statement, values);
  };
  return { ...sql, query };
}

const config = readConfig({ ...process.env, PORT: '0', GRPC_PORT: '0' });
const db = await openDatabase({ url: config.DATABASE_URL });
const server = await startOver({ ...db, sql: watched(db.sql) } satisfies Database, config, pino({ level: 'silent' }));

async function post(body: object, token?: string): Promise<{ data: Record<string, Record<string, unknown>> }> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify(body),
  });
  return (await response.json()) as Awaited<ReturnType<typeof post>>;
}

const made = await post({
  query: 'mutation { createApiKey(input: { name: "walk", role: SUPERVISOR, domainId: "walk" }) { token } }',
});
const token = String(made.data.createApiKey?.token);
const query = `mutation ($input: PublishSupervisorInput!) {
  publishSupervisor(input: $input) { supervisor { id state } nextPublishInMs }
}`;
// A report with a plugin of another domain is never one that is known to change nothing: it comes to the statement of all.
const plugins = ['walk', 'another'].map((domainId) => {
  return { pluginId: `plugin-${domainId}`, version: '1.0', state: 'ACTIVE', endpoint: 'grpc://127.0.0.1:1', domainId };
});
const publish = () => post({ query, variables: { input: { name: 'walk', hostname: 'walk-1', plugins } } }, token);

await publish();
const passes: Set<string>[] = [];
for (let pass = 0; pass < 5; pass++) {
  takeEnteredFiles();
  await publish();
  passes.push(beforeStatement);
}
// A file that a timer enters in one pass is not entered in all of them.
const inAll = [...beforeStatement].filter((file) => passes.every((pass) => pass.has(file)));
process.stdout.write(JSON.stringify(inAll.sort()));
await server.stop();
session.disconnect();
