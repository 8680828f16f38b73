import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import {
  type Fleet,
  fleetOf,
  openSocket,
  openStream,
  startTestServer,
  type TestServer,
  type TestServerOptions,
  type TestSocket,
} from '../testing/index.ts';

/** Subscriptions that share their work, seen from outside: nobody can tell that they do, but by what it costs. */
let server: TestServer;
let fleet: Fleet;
const domainId = 'sharing';
const statements: string[] = [];
const sockets: Pick<TestSocket, 'close'>[] = [];
const patience = { timeout: 100_000, interval: 5 };

async function start(env: TestServerOptions['env'] = {}): Promise<void> {
  // Timers would add statements; API keys are looked after by one that has no setting.
  const quiet = { MUSTER_EVENT_POLL_MS: '600000', MUSTER_SWEEP_INTERVAL_MS: '600000' };
  const onQuery = (text: string) => {
    if (!text.includes('FROM api_keys')) statements.push(text);
  };
  server = await startTestServer({ env: { ...quiet, ...env }, onQuery });
  fleet = fleetOf(server.url, domainId);
}

/** Every test ends with nothing left of its subscriptions: no group, and no reader of the event hub. */
async function closeSockets(): Promise<void> {
  await Promise.all(sockets.splice(0).map((socket) => socket.close()));
  await expect.poll(() => server.load()).toEqual({ streams: 0, groups: 0 });
}

async function open(): Promise<TestSocket> {
  const socket = await openSocket(server.url);
  sockets.push(socket);
  return socket;
}

const openMany = (count: number) => Promise.all(Array.from({ length: count }, open));

interface PluginEvent {
  type: string;
  cursor: string;
  plugin: { message: string | null } | null;
}

const watch = `subscription ($after: Cursor) { watchPlugins(domainId: "${domainId}", after: $after) {
  type cursor plugin { message supervisor { hostname state } }
} }`;

async function untilSynced(socket: TestSocket, id: string): Promise<PluginEvent> {
  for (;;) {
    const event = await socket.nextData<PluginEvent>(id, 'watchPlugins');
    if (event.type === 'SYNCED') return event;
  }
}

async function watchFromNow(socket: TestSocket, id: string, query = watch): Promise<void> {
  socket.start(id, query);
  await untilSynced(socket, id);
}

/** Changes the plugins once for each message, in one transaction: one batch of events. */
async function tell(...messages: string[]): Promise<void> {
  await server.db.transaction(async (sql) => {
    for (const message of messages) await sql.query(changePlugin, [message]);
  });
}
const changePlugin = `UPDATE plugins SET message = $1 WHERE plugin_id = 'collector'`;

async function expectTold(socket: TestSocket, id: string, messages: string[]): Promise<void> {
  const told: unknown[] = [];
  for (let i = 0; i < messages.length; i++) {
    told.push((await socket.nextData<PluginEvent>(id, 'watchPlugins')).plugin?.message);
  }
  expect(told).toEqual(messages);
}

describe('with one server for all', () => {
  beforeAll(async () => {
    await start();
    await fleet.report('agent', 'ACTIVE');
  });
  afterEach(closeSockets);
  afterAll(() => server.stop());

  describe('E4: what an event costs the database', () => {
    const tailRead = /FROM events e WHERE e\.seq > \$1::bigint ORDER BY/;
    const ofTest = (text: string) => text === changePlugin || /^(BEGIN|COMMIT)/.test(text);

    /** Once, and once more for each turn of the event loop that is over before all have been handed a change (W3). */
    const few = 10;

    /** The statements that the delivery of these messages to all watchers causes, apart from reading the log. */
    async function costOf(watchers: [TestSocket, string][], messages: string[]): Promise<string[]> {
      statements.length = 0;
      await tell(...messages);
      for (const [socket, id] of watchers) await expectTold(socket, id, messages);
      expect(statements.filter((text) => tailRead.test(text)).length).toBeLessThanOrEqual(2);
      return statements.filter((text) => !tailRead.test(text) && !ofTest(text));
    }

    test('does not grow with those who subscribed to the same, nor with others who need the same row', async () => {
      const watchers: [TestSocket, string][] = [[await open(), 'first']];
      await watchFromNow(...(watchers[0] as [TestSocket, string]));
      // By then the log has been read up to the watch, which is work, too.
      await costOf(watchers, ['before']);
      expect(await costOf(watchers, ['one'])).toEqual([expect.any(String)]);

      for (const [i, socket] of (await openMany(50)).entries()) {
        const own = watch.replace('cursor', `cursor c${i}: cursor`);
        await Promise.all([watchFromNow(socket, 'same'), watchFromNow(socket, 'own', own)]);
        watchers.push([socket, 'same'], [socket, 'own']);
      }
      expect(server.load()).toEqual({ streams: 51, groups: 51 });
      expect((await costOf(watchers, ['two'])).length).toBeLessThan(few);
      expect((await costOf(watchers, ['three', 'four', 'five'])).length).toBeLessThan(few);

      // An idle subscription runs no query: what is asked meanwhile needs none either.
      statements.length = 0;
      for (const [socket] of watchers.slice(0, 20)) {
        socket.start('q', '{ viewer { role } }');
        await socket.nextData('q', 'viewer');
        await socket.next('q');
      }
      expect(statements).toEqual([]);
    });

    test('a snapshot asks for what its rows need together', async () => {
      const plugins = Array.from({ length: 200 }, (_, i) => ({ pluginId: `p${i}`, version: '1', state: 'ACTIVE' }));
      await fleet.ask(
        `mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { rejected { index } } }`,
        { input: { domainId: 'many', name: 'many', hostname: 'many', plugins } },
      );
      const socket = await open();
      statements.length = 0;
      await watchFromNow(socket, '1', watch.replace(domainId, 'many'));
      expect(statements.length).toBeLessThan(20);
    });
  });

  test('E3: each begins after its own cursor, gets exactly what it lacks, and then shares with the others', async () => {
    const first = await open();
    await watchFromNow(first, '1');
    const messages = Array.from({ length: 10 }, (_, i) => `resumed ${i}`);
    await tell(...messages);
    const cursors: string[] = [];
    for (const _ of messages) cursors.push((await first.nextData<PluginEvent>('1', 'watchPlugins')).cursor);

    const resumed = await openMany(messages.length);
    for (const [i, socket] of resumed.entries()) socket.start('1', watch, { after: cursors[i] });
    // While they still begin.
    await tell('during');
    for (const [i, socket] of resumed.entries()) await expectTold(socket, '1', [...messages.slice(i + 1), 'during']);
    expect(server.load().groups).toBe(1);
    await tell('after');
    for (const socket of resumed) await expectTold(socket, '1', ['after']);
    await expectTold(first, '1', ['during', 'after']);
  });

  /** Begins some operations, of which two share their work, and has done with them in one of several ways. */
  async function leave(socket: TestSocket, i: number): Promise<void> {
    const own = watch.replace('type', `t${i}: type`);
    for (const [id, query] of [watch, watch, own, own].entries()) socket.start(`${id}`, query);
    const ways = [() => untilSynced(socket, '1'), () => socket.webSocket.close(), () => socket.webSocket.terminate()];
    await ways[i % 3]?.();
    if (i % 3 !== 0) return;
    for (const id of i % 2 === 0 ? ['0', '1', '2', '3'] : ['1', '3']) socket.send({ id, type: 'complete' });
  }

  test('what is completed, closed or cut off leaves nothing behind, however soon', async () => {
    const staying = await open();
    await watchFromNow(staying, 'stays');
    for (const [i, socket] of (await openMany(10)).entries()) await leave(socket, i);
    const stream = await openStream(server.url, watch);
    await stream.next();
    stream.close();
    // An id that is used again while what it named before has not begun.
    const reusing = await open();
    for (let n = 0; n < 200; n++) {
      reusing.start('again', watch.replace('type', `t${n}: type`));
      reusing.send({ id: 'again', type: 'complete' });
    }
    reusing.start('again', watch);
    await untilSynced(reusing, 'again');
    await tell('once');
    await expectTold(reusing, 'again', ['once']);
    await tell('sentinel');
    await expectTold(reusing, 'again', ['sentinel']);
    await expectTold(staying, 'stays', ['once', 'sentinel']);

    for (const socket of sockets.splice(1)) await socket.close();
    await expect.poll(() => server.load()).toEqual({ streams: 1, groups: 1 });
    staying.send({ id: 'stays', type: 'complete' });
    await expect.poll(() => server.load()).toEqual({ streams: 0, groups: 0 });
  });

  test('a hundred operations on one socket get every event once, in order', async () => {
    const socket = await open();
    const ids = Array.from({ length: 100 }, (_, i) => `op ${i}`);
    for (const [i, id] of ids.entries()) socket.start(id, i % 2 ? watch : watch.replace('type', `t${i}: type type`));
    for (const id of ids) await untilSynced(socket, id);
    const messages = Array.from({ length: 20 }, (_, i) => `hundred ${i}`);
    for (const message of messages) await tell(message);
    for (const id of ids) await expectTold(socket, id, messages);
  });

  test('a document whose one field is left out ends that operation, not the socket', async () => {
    const socket = await open();
    socket.start('1', `subscription ($no: Boolean!) { watchPlugins @include(if: $no) { type } }`, { no: false });
    expect(await socket.next('1')).toMatchObject({ type: expect.stringMatching(/next|error/) });
    await watchFromNow(socket, '2');
  });

  test('over SSE, watches send their snapshot and what changes', async () => {
    for (const [field, row] of [
      ['watchPlugins', 'plugin'],
      ['watchSupervisors', 'supervisor'],
    ] as const) {
      const stream = await openStream(server.url, `subscription { ${field}(domainId: "sse") { type ${row} { id } } }`);
      expect(await stream.nextData(field)).toEqual({ type: 'SYNCED', [row]: null });
      await fleetOf(server.url, 'sse').report(field, 'ACTIVE');
      expect(await stream.nextData(field)).toEqual({ type: 'ADDED', [row]: { id: expect.any(String) } });
      stream.close();
      await fleet.ask(
        `mutation ($id: ID!) { deregisterSupervisor(input: {supervisorId: $id, force: true}) { deregisteredId } }`,
        {
          id: await fleetOf(server.url, 'sse').report(field, 'ACTIVE'),
        },
      );
    }
  });
});

describe('limits', () => {
  beforeEach(async () => {
    await start({ MUSTER_MAX_OPERATIONS_PER_CONNECTION: '10', MUSTER_MAX_CONNECTIONS: '3' });
    await fleet.report('agent', 'ACTIVE');
  });
  afterEach(async () => {
    await closeSockets();
    await server.stop();
  });

  test('an operation too many on a socket ends with RATE_LIMITED, and the others go on', async () => {
    const socket = await open();
    for (let i = 0; i < 10; i++) await watchFromNow(socket, `${i}`);
    socket.start('10', watch);
    expect(await socket.next('10')).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'RATE_LIMITED' } }],
    });
    await tell('all');
    for (let i = 0; i < 10; i++) await expectTold(socket, `${i}`, ['all']);
    socket.send({ id: '3', type: 'complete' });
    await watchFromNow(socket, '10');
    // Another socket may have as many.
    await watchFromNow(await open(), '1');
  });

  test('a connection too many is refused with 429, and the others go on', async () => {
    const [first] = await openMany(3);
    const refused = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const [, response] = await once(refused, 'unexpected-response');
    expect(response.statusCode).toBe(429);
    if (!first) throw new Error('expected a socket');
    await watchFromNow(first, '1');
    await sockets.splice(1, 1)[0]?.close();
    await vi.waitFor(open, patience);
  });
});

describe('E5: sockets that stop reading', () => {
  const bufferBytes = 256 * 1024;
  beforeAll(async () => {
    await start({ MUSTER_SUBSCRIPTION_BUFFER_BYTES: String(bufferBytes) });
    const supervisorId = await fleet.report('agent', 'ACTIVE');
    await fleet.ask(
      'mutation ($id: ID!, $labels: JSONObject) { registerSupervisor(input: {supervisorId: $id, labels: $labels}) { supervisor { id } } }',
      { id: supervisorId, labels: { text: 'x'.repeat(15_000) } },
    );
  });
  afterAll(() => server.stop());
  afterEach(closeSockets);

  const large = `subscription { watchPlugins(domainId: "${domainId}") { type cursor
    plugin { message ${Array.from({ length: 8 }, (_, i) => `s${i}: supervisor { labels }`).join(' ')} } } }`;

  test.each([1, 200])(
    '%i of them are ended once their buffer is full, and the others get everything',
    async (count) => {
      const readers = await openMany(20);
      for (const reader of readers) await watchFromNow(reader, '1');
      const stuck = await openMany(count);
      for (const socket of stuck) await watchFromNow(socket, '1', large);
      for (const socket of stuck) socket.webSocket.pause();
      const messages = Array.from({ length: 50 }, (_, i) => `large ${i}`);
      for (const message of messages) {
        await tell(message);
        for (const reader of readers) await expectTold(reader, '1', [message]);
      }
      // Only the readers' subscriptions are left: the others have ended.
      await expect.poll(() => server.load().groups).toBe(1);

      for (const socket of stuck) socket.webSocket.resume();
      for (const socket of stuck) expect(await receivedUntilEnd(socket)).toBeLessThan(messages.length);
    },
  );
});

/**
 * The number of events that a socket received until it was refused as too slow, with the cursor of the last of them, or
 * until it was cut off, since it didn't answer pings either.
 */
async function receivedUntilEnd(socket: TestSocket): Promise<number> {
  for (let received = 0, lastCursor: unknown; ; received++) {
    const message = await socket.next('1').catch(() => socket.closed);
    if ('code' in message) return received;
    if (message.type !== 'next') {
      expect(message).toMatchObject({
        type: 'error',
        payload: [{ extensions: { code: 'SLOW_CONSUMER', lastCursor } }],
      });
      return received;
    }
    lastCursor = cursorIn(message.payload);
  }
}

function cursorIn(payload: unknown): unknown {
  return (payload as { data: { watchPlugins: PluginEvent } }).data.watchPlugins.cursor;
}
