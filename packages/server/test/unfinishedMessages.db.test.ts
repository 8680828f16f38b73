import { once } from 'node:events';
import { type ClientHttp2Stream, connect } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { openSocket, type TestSocket, useTestServer } from '../testing/index.ts';
import { expectAnswers, metricOf } from '../testing/unread.ts';

const kib = 1024;
const bounds = {
  MUSTER_UNFINISHED_BODY_BYTES_PER_CLIENT: String(512 * kib),
  MUSTER_UNFINISHED_BODY_BYTES: String(1_024 * kib),
};
const server = useTestServer({ env: bounds });
/** A server on which a message has little time to come. */
const hasty = useTestServer({ env: bounds, settings: { MUSTER_REQUEST_TIMEOUT_SECONDS: 0.25 } });
const bytes = () => metricOf(server, 'muster_unfinished_body_bytes');

let opened: (() => unknown)[] = [];
/** After each test nothing is left of its messages, and others are answered. */
afterEach(async () => {
  for (const close of opened) await close();
  opened = [];
  await expect.poll(bytes).toBe(0);
  await expectAnswers(server);
});

describe('W9: a message on a WebSocket that has no end', () => {
  const refused = { code: 1013, reason: 'expected fewer bytes of unfinished messages' };

  async function open({ url } = server): Promise<TestSocket> {
    const socket = await openSocket(url, { closeTimeout: 100 });
    opened.push(() => socket.close());
    return socket;
  }

  /** Sends the next part of a message; resolves once it has left, or can't. */
  const sendPart = ({ webSocket }: TestSocket, length: number) =>
    new Promise((resolve) => webSocket.send('x'.repeat(length), { fin: false }, resolve));

  test('is bounded in its bytes, and closes its socket with 1013', async () => {
    const socket = await open();
    for (let i = 0; i < 5; i++) await sendPart(socket, 100 * kib);
    await expect.poll(bytes).toBeGreaterThanOrEqual(500 * kib);
    expect(socket.webSocket.readyState).toBe(socket.webSocket.OPEN);
    await sendPart(socket, 100 * kib);
    expect(await socket.closed).toEqual(refused);
  });

  test('is bounded together with those of the same client', async () => {
    const sockets = [await open(), await open(), await open()];
    for (const [i, socket] of sockets.slice(0, 2).entries()) {
      await sendPart(socket, 250 * kib);
      await expect.poll(bytes).toBeGreaterThanOrEqual((i + 1) * 250 * kib);
    }
    await sendPart(sockets[2] as TestSocket, 20 * kib);
    expect(await sockets[2]?.closed).toEqual(refused);
    for (const { webSocket } of sockets.slice(0, 2)) expect(webSocket.readyState).toBe(webSocket.OPEN);
  });

  test('is counted on whatever pings come between its parts', async () => {
    const socket = await open();
    let parts = 0;
    socket.webSocket.on('pong', () => {
      parts += 1;
    });
    const isOpen = () => socket.webSocket.readyState === socket.webSocket.OPEN;
    for (let i = 0; i < 30 && isOpen(); i++) {
      await sendPart(socket, 100 * kib);
      socket.webSocket.ping();
      // The ping has been taken by itself, or the socket is closed.
      await expect.poll(() => parts > i || !isOpen()).toBe(true);
    }
    expect(parts).toBeLessThanOrEqual(5);
    expect(await socket.closed).toEqual(refused);
  });

  test('is bounded in its time, whatever comes of it now and then', async () => {
    const socket = await open(hasty);
    await sendPart(socket, 5 * kib);
    const dripping = setInterval(() => {
      socket.webSocket.send('x', { fin: false });
      socket.webSocket.ping();
    }, 50);
    onTestFinished(() => clearInterval(dripping));
    expect(await socket.closed).toEqual(refused);
  });

  test('and comes to its end in time, is taken as any other', async () => {
    const socket = await open();
    const text = JSON.stringify({
      id: '1',
      type: 'subscribe',
      payload: { query: '{ viewer { role } }', extensions: { padding: 'x'.repeat(300 * kib) } },
    });
    for (let at = 0; at < text.length; at += 50 * kib) {
      socket.webSocket.send(text.slice(at, at + 50 * kib), { fin: at + 50 * kib >= text.length });
      socket.webSocket.ping();
    }
    expect(await socket.next('1')).toMatchObject({ payload: { data: { viewer: { role: 'ADMIN' } } } });
  });
});

describe('W9: a message over gRPC that has no end', () => {
  interface UnfinishedCall {
    readonly stream: ClientHttp2Stream;
    /** The code and the words by which the server refuses it. */
    readonly refusal: Promise<[code: number, words: string]>;
    readonly closed: Promise<unknown>;
  }

  /** A call on a new connection, with `length` bytes of a message of a megabyte. */
  function call(length: number, { grpcAddress } = server): UnfinishedCall {
    const session = connect(`http://${grpcAddress}`);
    session.on('error', () => {});
    opened.push(() => session.destroy());
    const stream = session.request({
      ':method': 'POST',
      ':path': '/spaceone.api.plugin.v1.Supervisor/publish',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.on('error', () => {});
    stream.resume();
    const refusal = Promise.race([once(stream, 'response'), once(stream, 'trailers')]).then(
      ([headers]): [number, string] => [Number(headers['grpc-status']), decodeURI(String(headers['grpc-message']))],
    );
    const closed = once(stream, 'close');
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(1_024 * kib, 1);
    stream.write(prefix);
    stream.write(Buffer.alloc(length));
    return { stream, refusal, closed };
  }

  test('is bounded in its bytes, and is closed though its client goes on', async () => {
    const { stream, refusal, closed } = call(400 * kib);
    await expect.poll(bytes).toBeGreaterThanOrEqual(400 * kib);
    stream.write(Buffer.alloc(200 * kib));
    expect(await refusal).toEqual([
      status.RESOURCE_EXHAUSTED,
      'ERROR_RATE_LIMITED: expected at most 524288 bytes of unfinished bodies of one client',
    ]);
    await closed;
  });

  test('is bounded together with those of all; a client with few bytes under way is let be', async () => {
    const calls = [call(400 * kib), call(400 * kib)];
    await expect.poll(bytes).toBeGreaterThanOrEqual(800 * kib);
    const further = call(400 * kib);
    expect(await further.refusal).toEqual([
      status.RESOURCE_EXHAUSTED,
      'ERROR_RATE_LIMITED: expected at most 1048576 bytes of unfinished bodies of all clients together',
    ]);
    await further.closed;
    const few = call(250 * kib);
    await expect.poll(bytes).toBeGreaterThanOrEqual(1_050 * kib);
    expect([...calls, few].map(({ stream }) => stream.closed)).toEqual([false, false, false]);
  });

  test('is bounded in its time, and is closed', async () => {
    const { stream, refusal, closed } = call(1, hasty);
    const dripping = setInterval(() => stream.write('x'), 50);
    onTestFinished(() => clearInterval(dripping));
    expect(await refusal).toEqual([
      status.DEADLINE_EXCEEDED,
      'ERROR_TIMED_OUT: expected a message that comes within 0.25 s',
    ]);
    await closed;
  });
});
