import { Client } from 'pg';
import { inject } from 'vitest';
import './provided.ts';
import { newDatabaseName } from './testRun.ts';
import { hold, testWorker } from './testWorker.ts';
import { administrationUrl } from './versions.ts';

/** A database's URL. Its sessions wait for no disk: a test's data need not outlive PostgreSQL. */
export function databaseUrl(name: string): string {
  const url = new URL(administrationUrl);
  url.pathname = `/${name}`;
  // Without a space, which is written as a plus sign: PostgreSQL's programs don't know that.
  url.searchParams.set('options', '-csynchronous_commit=off');
  return url.href;
}

/**
 * A PostgreSQL database made from the template, for tests whose server is another process.
 *
 * @param options more of CREATE DATABASE, such as a locale
 */
export async function createPostgresDatabase(
  template?: string,
  options = '',
): Promise<{ url: string; drop(): Promise<void> }> {
  const name = template === undefined ? await takeSpare() : await create(template, options);
  await administer(`ALTER DATABASE ${name} CONNECTION LIMIT -1`);
  const drop = async () => {
    await administer(`ALTER DATABASE ${name} CONNECTION LIMIT 0`);
    dropLater(name);
  };
  const released = hold(`database ${name}`, drop);
  return {
    url: databaseUrl(name),
    drop: async () => {
      released();
      await drop();
    },
  };
}

/** PostgreSQL takes its time to make a database and to drop one: the next is made, and the last dropped, while tests run. */
async function takeSpare(): Promise<string> {
  const worker = testWorker();
  const template = inject('templates').postgresql;
  if (template === undefined) throw new Error('expected a run with PostgreSQL');
  const spare = worker.spareDatabase;
  const next = create(template);
  // The next file makes its own in place of one that failed.
  next.catch(() => {});
  worker.spareDatabase = next;
  return spare === undefined ? create(template) : spare.catch(() => create(template));
}

function dropLater(name: string): void {
  const worker = testWorker();
  const drop = () => administer(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  // The run's end drops what could not be dropped here.
  worker.drops = (worker.drops ?? Promise.resolve()).then(drop).catch(() => {});
}

/** Makes a database. While no test has it, its connection limit is 0, by which the run's end knows it (superusers have none). */
async function create(template: string, options = ''): Promise<string> {
  const name = newDatabaseName(process.env.MUSTER_TEST_RUN ?? '');
  await administer(`CREATE DATABASE ${name} TEMPLATE ${template} ${options} CONNECTION LIMIT 0`);
  return name;
}

/** Runs a statement on the server of the tests' databases. */
export async function administer(statement: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl(new URL(administrationUrl).pathname.slice(1)) });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
