import { type Database, openDatabase } from '@muster/db';
import { administer, createPostgresDatabase, testDatabaseKind } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { graphql, startTestServer, type TestServer } from '../testing/index.ts';

const publish = 'mutation { publishSupervisor(input: {domainId: "d", name: "n", hostname: "h"}) { nextPublishInMs } }';
const createKey = `mutation {
  createApiKey(input: {name: "k", role: VIEWER, domainId: "d", expiresAt: "2099-01-01T00:00:00Z"}) { apiKey { id } }
}`;
const read = '{ supervisors { totalCount } }';

describe.runIf(testDatabaseKind() === 'postgresql')('O6: what passes is UNAVAILABLE, and then it has passed', () => {
  let server: TestServer;
  let operator: Database;
  let name: string;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const database = await createPostgresDatabase();
    drop = database.drop;
    name = new URL(database.url).pathname.slice(1);
    operator = await openDatabase({ url: database.url });
    // Statements may take 0.9 s, and wait 0.45 s for a lock.
    const db = await openDatabase({ url: database.url, operationTimeoutMs: 1_000 });
    server = await startTestServer({ db });
  });
  afterAll(async () => {
    await server.stop();
    await operator.close();
    await drop();
  });

  /** Ends all sessions: those that follow begin with the settings of now. */
  const endSessions = () =>
    administer(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`);

  const codeOf = async (query: string) => (await graphql(server.url, query)).errors?.[0]?.extensions.code ?? 'OK';

  test('a database that is read-only', async () => {
    await administer(`ALTER DATABASE ${name} SET default_transaction_read_only TO on`);
    await endSessions();
    await expect.poll(() => codeOf(read)).toBe('OK');
    for (const query of [publish, createKey]) expect(await codeOf(query), query).toBe('UNAVAILABLE');
    expect(await codeOf(read)).toBe('OK');
    await administer(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    await endSessions();
    await expect.poll(() => codeOf(publish)).toBe('OK');
  });

  test('a lock that another holds for too long', async () => {
    const released = Promise.withResolvers<void>();
    const held = Promise.withResolvers<void>();
    const holding = operator.transaction(async (sql) => {
      await sql.query('LOCK TABLE supervisors IN ACCESS EXCLUSIVE MODE');
      held.resolve();
      await released.promise;
    });
    await held.promise;
    expect(await codeOf(read)).toBe('UNAVAILABLE');
    released.resolve();
    await holding;
    expect(await codeOf(read)).toBe('OK');
  });

  describe('a statement or a transaction that lost against others', () => {
    beforeAll(async () => {
      await operator.sql.query('CREATE SEQUENCE tries');
    });

    /** Has insertions into a table fail so often; no rollback undoes the count of the tries. */
    async function failFor(times: number, table: string): Promise<void> {
      await operator.sql.query(`SELECT setval('tries', 1, FALSE)`);
      await operator.sql.query(`CREATE OR REPLACE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('tries') <= ${times} THEN RAISE 'lost' USING ERRCODE = '40001'; END IF; RETURN NEW; END $$`);
      await operator.sql.query(
        `CREATE OR REPLACE TRIGGER lose BEFORE INSERT ON ${table} FOR EACH ROW EXECUTE FUNCTION lose()`,
      );
    }

    async function tries(): Promise<number | undefined> {
      const [row] = await operator.sql.query<{ tries: number }>('SELECT last_value::int AS tries FROM tries');
      return row?.tries;
    }

    const newcomer = (hostname: string) => publish.replace('"h"', JSON.stringify(hostname));

    test('is UNAVAILABLE after five tries', async () => {
      await failFor(1_000, 'supervisors');
      expect(await codeOf(newcomer('lost'))).toBe('UNAVAILABLE');
      expect(await tries()).toBe(5);
    });

    test.each([
      ['statement', 'supervisors', newcomer('found')],
      // The last one, since the first key closes the server.
      ['transaction', 'api_keys', createKey],
    ])('is tried again first, and its client sees nothing of that: a %s', async (_title, table, query) => {
      await failFor(3, table);
      expect(await codeOf(query)).toBe('OK');
      expect(await tries()).toBe(4);
    });
  });
});
