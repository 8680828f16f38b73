import { status } from '@grpc/grpc-js';
import { createApiKey, openCore, type Role, type Viewer } from '@muster/core';
import { type Database, openDatabase } from '@muster/db';
import { createPostgresDatabase, testDatabaseKind } from '@muster/db/testing';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openReflectionClient, openSocket, startTestServer, type TestServer } from '../testing/index.ts';

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };
const slowRead = '{ plugins(first: 1) { nodes { id } } }';
const publish =
  'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { id hostname } } }';

describe.runIf(testDatabaseKind() === 'postgresql')('work in the database of a PostgreSQL server', () => {
  let server: TestServer;
  let observer: Database;
  const tokens = new Map<string, string>();
  const bearer = (name: string) => ({ authorization: `Bearer ${tokens.get(name)}` });

  beforeAll(async () => {
    const { url, drop } = await createPostgresDatabase();
    const db = await openDatabase({ url, operationTimeoutMs: 60_000 });
    observer = await openDatabase({ url });
    const makers = await openCore(db, { sweeps: false });
    const keys: readonly [string, Role, string][] = [
      ['viewer', 'VIEWER', 'hostile'],
      ['other viewer', 'VIEWER', 'hostile'],
      ['operator', 'OPERATOR', 'innocent'],
      ['reader', 'VIEWER', 'innocent'],
      ['agents', 'SUPERVISOR', 'innocent'],
    ];
    for (const [name, role, domainId] of keys) {
      tokens.set(name, (await createApiKey(makers.core, root, { name, role, domainId })).token);
    }
    await makers.close();
    server = await startTestServer({
      db,
      env: { MUSTER_OPERATION_TIMEOUT_SECONDS: '3', MUSTER_SWEEP_INTERVAL_MS: '600000' },
    });
    return async () => {
      await server.stop();
      await observer.close();
      await drop();
    };
  });

  const post = (name: string, query: string, variables: object = {}, signal?: AbortSignal) =>
    fetch(`${server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...bearer(name) },
      body: JSON.stringify({ query, variables }),
      ...(signal ? { signal } : {}),
    });
  const ask = async (name: string, query: string, variables: object = {}) => {
    const reply = await post(name, query, variables);
    return { status: reply.status, ...((await reply.json()) as { data?: unknown; errors?: { extensions: object }[] }) };
  };

  /** How many statements wait for what a test holds. */
  async function blocked(): Promise<number> {
    const [row] = await observer.sql.query<{ count: number }>(
      `SELECT count(*)::int AS count FROM pg_stat_activity
       WHERE datname = current_database() AND wait_event_type = 'Lock' AND state = 'active'`,
    );
    return row?.count ?? 0;
  }

  /** All that the server has under way or waiting, in lanes and as operations. */
  async function left(): Promise<number> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    const figures =
      /^muster_(?:lane_running|lane_waiting|operations_running|operations_waiting|reports_waiting)\S* (\d+)$/gm;
    return [...text.matchAll(figures)].reduce((sum, [, figure]) => sum + Number(figure), 0);
  }

  async function figure(name: string): Promise<number> {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(text)?.[1]);
  }

  describe('while others hold the table of plugins', () => {
    let free: () => Promise<void>;
    beforeEach(async () => {
      const locked = Promise.withResolvers<void>();
      const over = Promise.withResolvers<void>();
      const holding = observer.transaction(async (sql) => {
        await sql.query('LOCK TABLE plugins IN ACCESS EXCLUSIVE MODE');
        locked.resolve();
        await over.promise;
      });
      await locked.promise;
      free = async () => {
        over.resolve();
        await holding;
      };
    });
    afterEach(async () => {
      await free();
      await expect.poll(left).toBe(0);
    });

    test('W1: a statement is cancelled when its client goes: HTTP', async () => {
      const cut = new AbortController();
      const reply = post('viewer', slowRead, {}, cut.signal).catch(() => {});
      await expect.poll(blocked).toBe(1);
      cut.abort();
      await reply;
      await expect.poll(blocked).toBe(0);
      await expect.poll(() => figure('muster_operations_stopped_total{cause="client"}')).toBeGreaterThan(0);
    });

    test('W1: a statement is cancelled when its client goes: a GET, and SSE', async () => {
      for (const accept of ['application/json', 'text/event-stream']) {
        const cut = new AbortController();
        const url = `${server.url}/graphql?query=${encodeURIComponent(slowRead)}`;
        const reply = fetch(url, { headers: { accept, ...bearer('viewer') }, signal: cut.signal }).catch(() => {});
        await expect.poll(blocked).toBe(1);
        cut.abort();
        await reply;
        await expect.poll(blocked).toBe(0);
      }
    });

    test('W1: a statement is cancelled when its client goes: a stream over SSE, while it starts', async () => {
      const cut = new AbortController();
      const reply = fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...bearer('viewer') },
        body: JSON.stringify({ query: 'subscription { watchPlugins { type } }' }),
        signal: cut.signal,
      }).catch(() => {});
      await expect.poll(blocked).toBe(1);
      cut.abort();
      await reply;
      await expect.poll(blocked).toBe(0);
      await expect.poll(() => server.load().streams).toBe(0);
    });

    test('W1: a statement is cancelled when its client goes: WebSocket, by complete and by its end', async () => {
      const socket = await openSocket(server.url, { headers: bearer('viewer') });
      socket.start('1', slowRead);
      socket.start('2', slowRead);
      socket.start('3', 'subscription { watchPlugins { type } }');
      await expect.poll(blocked).toBeGreaterThanOrEqual(2);
      socket.send({ id: '1', type: 'complete' });
      socket.send({ id: '3', type: 'complete' });
      await expect.poll(blocked).toBe(1);
      await socket.close();
      await expect.poll(blocked).toBe(0);
    });

    test('W1: a statement is cancelled when its client goes: REST', async () => {
      const cut = new AbortController();
      const url = `${server.url}/plugin/v1/supervisor/supervisor-000000000000/plugins`;
      const reply = fetch(url, { headers: bearer('viewer'), signal: cut.signal }).catch(() => {});
      await expect.poll(blocked).toBe(1);
      cut.abort();
      await reply;
      await expect.poll(blocked).toBe(0);
    });

    test('W1: a statement is cancelled when its client goes: gRPC, by cancelling and by its deadline', async () => {
      const reflection = await openReflectionClient(server.grpcAddress);
      const call = (deadlineMs: number) =>
        reflection
          .call(
            'spaceone.api.plugin.v1.Supervisor',
            'list_plugins',
            { supervisor_id: 'supervisor-000000000000' },
            { deadline: Date.now() + deadlineMs, metadata: { token: tokens.get('viewer') ?? '' } },
          )
          .catch((error: { code: status }) => error.code);
      const timed = call(1_000);
      await expect.poll(blocked).toBe(1);
      expect(await timed).toBe(status.DEADLINE_EXCEEDED);
      await expect.poll(blocked).toBe(0);
      const dropped = call(60_000);
      await expect.poll(blocked).toBe(1);
      reflection.close();
      await expect.poll(blocked).toBe(0);
      await dropped;
    });

    test('W1: past its deadline an operation is TIMED_OUT on every front, and its statement is gone', async () => {
      const socket = await openSocket(server.url, { headers: bearer('viewer') });
      socket.start('1', slowRead);
      const reflection = await openReflectionClient(server.grpcAddress);
      const [http, rest, grpc] = await Promise.all([
        ask('viewer', slowRead),
        fetch(`${server.url}/plugin/v1/supervisor/supervisor-000000000000/plugins`, {
          headers: bearer('other viewer'),
        }).then(async (reply) => ({ status: reply.status, ...((await reply.json()) as object) })),
        reflection
          .call(
            'spaceone.api.plugin.v1.Supervisor',
            'list_plugins',
            { supervisor_id: 'supervisor-000000000000' },
            { metadata: { token: tokens.get('other viewer') ?? '' } },
          )
          .catch((error: { code: status; details: string }) => error),
      ]);
      expect(http).toMatchObject({ status: 504, errors: [{ extensions: { code: 'TIMED_OUT' } }] });
      expect(http).not.toHaveProperty('data');
      expect(rest).toMatchObject({ status: 504, error: { code: 'TIMED_OUT' } });
      expect(grpc).toMatchObject({
        code: status.DEADLINE_EXCEEDED,
        details: expect.stringMatching(/^ERROR_TIMED_OUT: /),
      });
      expect(await socket.next('1')).toMatchObject({ payload: { errors: [{ extensions: { code: 'TIMED_OUT' } }] } });
      expect(await socket.next('1')).toMatchObject({ type: 'complete' });
      await socket.close();
      reflection.close();
      await expect.poll(blocked).toBe(0);
    });

    test('W4, W5: one viewer’s requests take a part of the reads, and keep nobody from reading, changing or being ready', async () => {
      const cut = new AbortController();
      const hostile = Array.from({ length: 40 }, () => post('viewer', slowRead, {}, cut.signal).catch(() => {}));
      // Half of the eight connections: two whole ones, in halves.
      await expect.poll(blocked).toBe(4);
      for (const name of ['reader', 'other viewer']) {
        expect(await ask(name, '{ supervisors { totalCount } }')).toMatchObject({ status: 200, data: {} });
      }
      expect(
        await ask('operator', 'mutation { createApiKey(input: {name: "n", role: VIEWER}) { token } }'),
      ).toMatchObject({
        data: { createApiKey: { token: expect.any(String) } },
      });
      expect(await (await fetch(`${server.url}/ready`)).json()).toMatchObject({ ready: true });
      expect(await blocked()).toBe(4);
      cut.abort();
      await Promise.all(hostile);
      await expect.poll(blocked).toBe(0);
    });
  });

  test('W5: a credential runs 16 operations at a time; the others wait, and none is refused', async () => {
    const replies = await Promise.all(
      Array.from({ length: 200 }, () => ask('reader', '{ supervisors { totalCount } }')),
    );
    expect(replies.filter((reply) => reply.status !== 200)).toEqual([]);
    await expect.poll(left).toBe(0);
  });

  test('W5: agents of one key report by the hundred at once, and none is refused', async () => {
    const replies = await Promise.all(
      Array.from({ length: 600 }, (_, i) =>
        ask('agents', publish, { input: { name: `a-${i}`, hostname: `a-${i}`, plugins: [] } }),
      ),
    );
    expect(replies.filter(({ errors }) => errors)).toEqual([]);
    await expect.poll(left).toBe(0);
  });

  test('W1: nothing is left of clients that go at any moment', async () => {
    const requests = Array.from({ length: 200 }, async (_, i) => {
      const cut = new AbortController();
      const text = [
        '{ supervisors(first: 50) { nodes { id hostname plugins(first: 5) { nodes { id } } } } }',
        '{ supervisorStats(groupBy: [{field: STATE}]) { count } }',
        publish,
        'subscription { watchSupervisors { type } }',
      ][i % 4];
      const sent = post(
        i % 4 === 2 ? 'agents' : 'reader',
        text ?? '',
        { input: { name: 'x', hostname: `x-${i}` } },
        cut.signal,
      )
        .then((reply) => reply.text())
        .catch(() => {});
      setTimeout(() => cut.abort(), (i * 13) % 90);
      await sent;
    });
    await Promise.all(requests);
    await expect.poll(left).toBe(0);
    await expect.poll(() => server.load().streams).toBe(0);
    expect(await ask('reader', '{ supervisors { totalCount } }')).toMatchObject({ status: 200 });
  });
});
