import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { Socket } from 'node:net';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openSocket, useTestServer } from '../testing/index.ts';
import {
  expectAnswers,
  largeQuery,
  mediumQuery,
  metricOf,
  openRaw,
  publishLargeRows,
  rawPost,
  unreadClosings,
} from '../testing/unread.ts';

const mib = 1024 * 1024;
const statements: string[] = [];
const server = useTestServer({
  onQuery: (text) => statements.push(text),
  // Sweeps would add statements.
  env: { MUSTER_UNSENT_BYTES_PER_CREDENTIAL: String(64 * mib), MUSTER_SWEEP_INTERVAL_MS: '600000' },
  settings: { MUSTER_UNREAD_TIMEOUT_SECONDS: 0.25 },
});
/** A server that waits for long, and on which few bytes may wait for one credential. */
const patient = useTestServer({ env: { MUSTER_UNSENT_BYTES_PER_CREDENTIAL: String(16 * mib) } });

let closedBefore: number;
const sockets: Socket[] = [];
const sessions: ClientHttp2Session[] = [];
beforeAll(() => Promise.all([server, patient].map((each) => publishLargeRows(each, 'unread'))));
beforeEach(async () => {
  closedBefore = await allClosings();
  statements.length = 0;
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const session of sessions.splice(0)) session.destroy();
  for (const each of [server, patient]) await expect.poll(() => metricOf(each, 'muster_unsent_bytes')).toBe(0);
});

const allClosings = async () => (await unreadClosings(server)) + (await unreadClosings(patient));
const closed = async () => (await allClosings()) - closedBefore;
const reads = () => statements.filter((text) => text.includes('"labels"') || text.includes('labels')).length;

function raw(to = server): Socket {
  const socket = openRaw(to);
  sockets.push(socket);
  return socket;
}

describe('W9: answers over HTTP that are not read', () => {
  test.each([
    ['GraphQL', rawPost(largeQuery)],
    ['REST', 'GET /plugin/v1/supervisors?query={} HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ])(
    'of pipelined requests, by %s, are made one by one: the next once the one before has been taken',
    async (_front, request) => {
      const socket = raw();
      socket.write(request.repeat(30));
      await expect.poll(reads).toBeGreaterThan(0);
      await expect.poll(closed).toBe(1);
      const made = reads();
      // The system keeps several megabytes for a connection.
      expect(made).toBeLessThan(12);
      await expectAnswers(server);
    },
  );

  test('are all sent to a client that reads late, but in time', async () => {
    const socket = raw(patient);
    socket.write(rawPost(mediumQuery).repeat(5));
    socket.write(rawPost('{ viewer { role } }', { connection: 'close' }));
    await expect.poll(() => metricOf(patient, 'muster_unsent_bytes')).toBeGreaterThan(0);
    socket.resume();
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    await once(socket, 'end');
    expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(6);
    expect(text).toMatch(/"role":"ADMIN"/);
    expect(await closed()).toBe(0);
  });

  test('end their connection once nothing has been read for a time', async () => {
    const socket = raw();
    socket.write(rawPost(largeQuery));
    await expect.poll(() => metricOf(server, 'muster_unsent_bytes')).toBeGreaterThan(mib);
    await expect.poll(closed).toBe(1);
    socket.resume();
    await once(socket, 'close');
  });

  test('E5: of many connections of one credential are bounded together: the one that waits longest goes first', async () => {
    for (let i = 0; i < 8; i++) raw(patient).write(rawPost(largeQuery));
    await expect.poll(closed).toBeGreaterThan(0);
    expect(await metricOf(patient, 'muster_unsent_bytes')).toBeLessThanOrEqual(16 * mib);
    await expectAnswers(patient);
  });
});

describe('W9: a WebSocket that is not read', () => {
  test('takes no further operation past a bound, and answers all of them once it is read', async () => {
    const socket = await openSocket(server.url);
    socket.webSocket.pause();
    socket.start('0', largeQuery);
    await expect.poll(() => metricOf(server, 'muster_unsent_bytes')).toBeGreaterThan(mib);
    const made = reads();
    for (let i = 1; i <= 20; i++) socket.start(String(i), '{ supervisors(first: 1) { nodes { labels } } }');
    for (let i = 0; i < 5; i++) await expectAnswers(server);
    expect(reads()).toBe(made);
    socket.webSocket.resume();
    for (let i = 0; i <= 20; i++) expect(await socket.next(String(i))).toMatchObject({ type: 'next' });
    expect(await closed()).toBe(0);
    await socket.close();
  });

  test('is closed past the next bound, and takes the server from nobody', async () => {
    const socket = await openSocket(server.url);
    socket.webSocket.pause();
    for (let i = 0; i < 20; i++) socket.start(String(i), largeQuery);
    await expect.poll(closed).toBe(1);
    await expectAnswers(server);
    socket.webSocket.resume();
    await socket.closed;
  });

  test('is behind by the answers to its pings, too', async () => {
    const socket = await openSocket(server.url);
    socket.webSocket.pause();
    // More than the system keeps for a connection, and three times what may wait.
    const ping = Buffer.alloc(120, 'p');
    for (let i = 0; i < 200_000 && socket.webSocket.bufferedAmount < mib; i++) {
      socket.webSocket.ping(ping);
      if (i % 1_000 === 0) await expectAnswers(server);
    }
    expect(await metricOf(server, 'muster_unsent_bytes')).toBeLessThan(2 * mib);
    await socket.close();
  });
});

test('W9, E5: an event stream that is not read is closed once nothing has been read for a time', async () => {
  const socket = raw();
  const labels = Array.from({ length: 12 }, (_, i) => `l${i}: labels`).join(' ');
  const query = `subscription { watchSupervisors { supervisor { ${labels} } } }`;
  socket.write(rawPost(query, { accept: 'text/event-stream' }));
  await expect.poll(closed).toBe(1);
  await expect.poll(() => server.load()).toEqual({ streams: 0, groups: 0 });
});

describe('W9: a gRPC connection that is not read', () => {
  const path = '/spaceone.api.plugin.v1.Supervisor/list';
  const empty = Buffer.from([0, 0, 0, 0, 0]);

  function call(session: ClientHttp2Session) {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => {});
    stream.end(empty);
    stream.pause();
    return stream;
  }

  function openSession(): ClientHttp2Session {
    const session = connect(`http://${server.grpcAddress}`);
    session.on('error', () => {});
    sessions.push(session);
    return session;
  }

  test('loses its calls once they have not been read for a time, and takes the server from nobody', async () => {
    const session = openSession();
    const calls = Array.from({ length: 20 }, () => call(session));
    await expect.poll(() => metricOf(server, 'muster_unsent_bytes')).toBeGreaterThan(mib);
    await expectAnswers(server);
    await expect.poll(() => calls.every((each) => each.closed)).toBe(true);
  });

  test('is refused a further call while it is behind', async () => {
    await expect.poll(() => metricOf(server, 'muster_unsent_bytes')).toBe(0);
    const session = openSession();
    const first = call(session);
    await expect.poll(() => metricOf(server, 'muster_unsent_bytes')).toBeGreaterThan(mib);
    const second = call(session);
    const [trailers] = await Promise.all([once(second, 'response'), second.resume()]).then(([headers]) => headers);
    expect(trailers['grpc-status']).toBe('8');
    expect(trailers['grpc-message']).toMatch(/^ERROR_RATE_LIMITED/);
    first.close();
  });
});
