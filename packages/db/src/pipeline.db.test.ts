import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openSilentProxy } from '../testing/silentProxy.ts';
import { administrationUrl, testDatabaseKind } from '../testing/testDatabase.ts';
import { createPipeline } from './pipeline.ts';

describe.runIf(testDatabaseKind() === 'postgresql')('pipelined statements (PGlite has one connection)', () => {
  let clients: Client[] = [];
  let warnings: string[] = [];
  let pipeline: ReturnType<typeof createPipeline>;
  let admin: Client;

  beforeEach(async () => {
    clients = [];
    warnings = [];
    pipeline = createPipeline({
      newClient: () => {
        const client = new Client({ connectionString: administrationUrl, pipeline: true });
        clients.push(client);
        return client;
      },
      connections: 2,
      silence: { noteAnswer: () => {} },
      onQuery: () => {},
      onWarning: (message) => warnings.push(message),
    });
    admin = new Client({ connectionString: administrationUrl });
    await admin.connect();
    return () => admin.end();
  });
  afterEach(() => pipeline.close());

  const echo = async (value: number) => {
    const named = { name: 'echo', text: 'SELECT $1::int AS value' };
    return (await pipeline.sql.query<{ value: number }>(named, [value]))[0]?.value;
  };

  const endFirst = () => admin.query('SELECT pg_terminate_backend($1)', [Reflect.get(clients[0] ?? {}, 'processID')]);

  test('are answered each with its own rows, however many are under way, on no more connections than allowed', async () => {
    const values = Array.from({ length: 200 }, (_, i) => i);
    expect(await Promise.all(values.map(echo))).toEqual(values);
    expect(clients).toHaveLength(2);
  });

  test('take one connection where they come one after another', async () => {
    for (const value of [1, 2, 3]) expect(await echo(value)).toBe(value);
    expect(clients).toHaveLength(1);
  });

  test('that come in one turn of the event loop leave in one write, a few for each connection', async () => {
    await Promise.all([echo(1), echo(2)]);
    const writes = clients.map(({ connection: { stream } }) => vi.spyOn(stream, '_writev'));
    await Promise.all(Array.from({ length: 16 }, (_, i) => echo(i)));
    expect(writes.map((write) => write.mock.calls.length)).toEqual([1, 1]);
  });

  test('do not fail with one among them, after which another connection is used', async () => {
    const wrong = pipeline.sql.query('SELECT 1 / $1::int', [0]);
    const others = Promise.all([echo(1), echo(2), echo(3)]);
    await expect(wrong).rejects.toThrow('division by zero');
    expect(await others).toEqual([1, 2, 3]);
    expect(await Promise.all([echo(4), echo(5), echo(6)])).toEqual([4, 5, 6]);
    expect(clients).toHaveLength(3);
  });

  test('fail with a connection that is lost, and the next ones are answered on another', async () => {
    await echo(1);
    const stuck = expect(pipeline.sql.query('SELECT pg_sleep(3600)')).rejects.toThrow();
    await endFirst();
    await stuck;
    expect(await echo(2)).toBe(2);
    expect(clients).toHaveLength(2);
  });

  test('use another connection after one that was lost while nothing was under way, which is told', async () => {
    await echo(1);
    const told = Promise.withResolvers<void>();
    clients[0]?.once('end', told.resolve);
    await endFirst();
    await told.promise;
    expect(warnings).toEqual(['a pipelined database connection was lost']);
    expect(await echo(2)).toBe(2);
    expect(clients).toHaveLength(2);
  });

  test('fail in time on a connection that goes silent, all of them, and the next ones are answered on another', async () => {
    const server = new URL(administrationUrl);
    const proxy = await openSilentProxy({ host: server.hostname, port: Number(server.port || 5432) });
    const proxied = new URL(administrationUrl);
    proxied.host = `127.0.0.1:${proxy.port}`;
    const other = createPipeline({
      newClient: () => new Client({ connectionString: proxied.href, pipeline: true, query_timeout: 200 }),
      connections: 1,
      silence: { noteAnswer: () => {} },
      onQuery: () => {},
      onWarning: () => {},
    });
    await other.sql.query('SELECT 1');
    proxy.silence();
    const stuck = await Promise.allSettled([other.sql.query('SELECT 1'), other.sql.query('SELECT 2')]);
    expect(stuck.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await other.sql.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await other.close();
    await proxy.refuse();
  });

  test('fail where no connection can be made, and are tried anew the next time', async () => {
    let url = 'postgresql://postgres@127.0.0.1:1/none';
    const other = createPipeline({
      newClient: () => new Client({ connectionString: url, pipeline: true }),
      connections: 2,
      silence: { noteAnswer: () => {} },
      onQuery: () => {},
      onWarning: () => {},
    });
    await expect(other.sql.query('SELECT 1')).rejects.toThrow('ECONNREFUSED');
    url = administrationUrl;
    expect(await other.sql.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await other.close();
  });

  test('that are under way when all is closed are answered first', async () => {
    const answer = echo(7);
    await pipeline.close();
    expect(await answer).toBe(7);
  });
});
