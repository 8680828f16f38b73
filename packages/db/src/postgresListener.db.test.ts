import { Client } from 'pg';
import { afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openSilentProxy, type SilentProxy } from '../testing/silentProxy.ts';
import { administrationUrl, testDatabaseKind } from '../testing/testDatabase.ts';
import { createPostgresListener, type PostgresListenerOptions } from './postgresListener.ts';

/** Records events in order; `next` waits for the first of a kind that hasn't been awaited yet. */
function createRecord() {
  const happened: string[] = [];
  let changed = Promise.withResolvers<void>();
  return {
    add: (what: string) => {
      happened.push(what);
      changed.resolve();
      changed = Promise.withResolvers();
    },
    next: async (beginning: string): Promise<string> => {
      for (;;) {
        const place = happened.findIndex((what) => what.startsWith(beginning));
        if (place >= 0) return happened.splice(0, place + 1).at(-1) ?? '';
        await changed.promise;
      }
    },
    happened,
  };
}

describe.runIf(testDatabaseKind() === 'postgresql')('the listener (PGlite listens within the process)', () => {
  const channel = 'listener_test';
  let admin: Client;
  let proxy: SilentProxy;
  let record = createRecord();
  let clients: Client[] = [];

  beforeAll(async () => {
    const server = new URL(administrationUrl);
    admin = new Client({ connectionString: administrationUrl });
    await admin.connect();
    proxy = await openSilentProxy({ host: server.hostname, port: Number(server.port || 5432) });
    return async () => {
      await admin.end();
      await proxy.refuse();
    };
  });
  afterEach(() => {
    record = createRecord();
    clients = [];
  });

  /** Through the proxy, with pauses as short as they come. */
  async function listen(options: Partial<PostgresListenerOptions> = {}): Promise<() => Promise<void>> {
    const proxied = new URL(administrationUrl);
    proxied.host = `127.0.0.1:${proxy.port}`;
    const own = record;
    const { stop } = await createPostgresListener({
      connect: () => {
        const client = new Client({ connectionString: proxied.href, connectionTimeoutMillis: 1_000 });
        clients.push(client);
        return client;
      },
      channel,
      schema: 'public',
      onWake: () => own.add('wake'),
      onWarning: (message, error) => own.add(`${message}: ${error instanceof Error ? error.message : error}`),
      random: () => 0,
      ...options,
    });
    onTestFinished(stop);
    return stop;
  }

  const pidOf = async (client: Client | undefined) =>
    (await client?.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'))?.rows[0]?.pid;
  const notify = () => admin.query(`NOTIFY ${channel}`);

  test('is woken by each notification, and by nothing else', async () => {
    await listen();
    await admin.query('NOTIFY other');
    await notify();
    await record.next('wake');
    await notify();
    await record.next('wake');
    expect(record.happened).toEqual([]);
  });

  test('connects anew when its connection is ended, wakes since it may have missed something, and listens on', async () => {
    await listen();
    for (let times = 0; times < 2; times++) {
      await admin.query('SELECT pg_terminate_backend($1)', [await pidOf(clients.at(-1))]);
      expect(await record.next('the database listener lost its connection')).toMatch(/terminat/);
      await record.next('wake');
      await notify();
      await record.next('wake');
    }
    expect(clients).toHaveLength(3);
  });

  test('notices by its heartbeat that a connection has gone silent', async () => {
    await listen({ heartbeatMs: 20, heartbeatTimeoutMs: 200 });
    proxy.silence();
    expect(await record.next('the database listener lost its connection')).toContain(
      'no answer to a heartbeat within 200 ms',
    );
    await record.next('wake');
    await notify();
    await record.next('wake');
  });

  test('notices by its heartbeat that the session no longer listens', async () => {
    await listen({ heartbeatMs: 20 });
    await clients[0]?.query('UNLISTEN *');
    expect(await record.next('the database listener lost its connection')).toContain('no longer listens');
    await record.next('wake');
  });

  test('does not wait for ever where the connection goes silent before it listens', async () => {
    proxy.silenceOn('LISTEN');
    onTestFinished(() => proxy.silenceOn('nothing at all'));
    await expect(listen({ heartbeatTimeoutMs: 100 })).rejects.toThrow('no answer to LISTEN within 100 ms');
  });

  test('goes on trying while the server refuses, and stops in the midst of it when told to', async () => {
    const stop = await listen();
    await proxy.refuse();
    onTestFinished(() => proxy.accept());
    await record.next('the database listener lost its connection');
    await record.next('the database listener could not connect');
    await record.next('the database listener could not connect');
    await stop();
  });

  test('comes back once the server does', async () => {
    await listen();
    await proxy.refuse();
    await record.next('the database listener could not connect');
    await proxy.accept();
    await record.next('wake');
    await notify();
    await record.next('wake');
  });

  test('fails at once where the first connection can’t be made', async () => {
    await proxy.refuse();
    onTestFinished(() => proxy.accept());
    await expect(listen()).rejects.toThrow('ECONNREFUSED');
  });

  test('leaves no session behind when it is stopped', async () => {
    const stop = await listen();
    const pid = await pidOf(clients[0]);
    await stop();
    await stop();
    // The server takes a moment to notice the goodbye.
    const sessions = async () => (await admin.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount;
    await expect.poll(sessions).toBe(0);
  });
});
