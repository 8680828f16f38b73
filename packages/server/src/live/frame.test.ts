import { on, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { createFrameWriter, frameAll, frameId } from './frame.ts';

const server = createServer();
const sockets = new WebSocketServer({ noServer: true });
let client: WebSocket;
/** The server's side of the client's connection, beside `ws`. */
let connection: Duplex;
beforeAll(async () => {
  server.on('upgrade', (request, socket, head) => {
    connection = socket;
    sockets.handleUpgrade(request, socket, head, () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  await once(client, 'open');
});
afterAll(() => {
  client.terminate();
  server.close();
});

/** The messages that a client receives from frames that are written to its connection. */
async function received(frames: Buffer, count: number): Promise<string[]> {
  const messages: string[] = [];
  connection.write(frames);
  // `ws` tells a message or, where the frame is broken, an error; `on` fails with the latter.
  for await (const [data, isBinary] of on(client, 'message')) {
    expect(isBinary).toBe(false);
    if (messages.push(String(data)) === count) break;
  }
  return messages;
}

/** The length of a message without its payload. */
const around = '{"id":"1","type":"next","payload":}'.length;
/** A payload whose message, of the operation `1`, has a length in bytes. */
const payloadFor = (length: number) => ({ text: Buffer.from(JSON.stringify('x'.repeat(length - around - 2))) });

describe('a frame is one text message to a WebSocket client', () => {
  test.each([37, 125, 126, 127, 65_535, 65_536, 1_000_000])('of %i bytes', async (length) => {
    const payload = payloadFor(length);
    const [message = ''] = await received(frameAll(frameId('1'), [payload]), 1);
    expect(Buffer.byteLength(message)).toBe(length);
    expect(JSON.parse(message)).toEqual({ id: '1', type: 'next', payload: JSON.parse(String(payload.text)) });
  });

  test('and several in one buffer are as many, in their order', async () => {
    const lengths = [37, 200, 65_536, 38, 126, 70_000, 125];
    const messages = await received(frameAll(frameId('1'), lengths.map(payloadFor)), lengths.length);
    expect(messages.map(({ length }) => length)).toEqual(lengths);
  });

  test('beside those that ws sends', async () => {
    const [first] = sockets.clients;
    const frames = frameAll(frameId('a'), [{ text: Buffer.from('{}') }]);
    first?.send('before');
    const messages = received(frames, 3);
    first?.send('after');
    expect(await messages).toEqual(['before', '{"id":"a","type":"next","payload":{}}', 'after']);
  });
});

test.each(['', '"', '\\', '\\"', '\n\u0000', 'ä😀', '\ud800', '</script>', '\u2028', 'x'.repeat(70_000)])(
  'an operation id can be any text: %j',
  async (id) => {
    const text = Buffer.from('{"data":{"a":"ä😀"}}');
    const [message = ''] = await received(frameAll(frameId(id), [{ text }]), 1);
    expect(JSON.parse(message)).toEqual({ id, type: 'next', payload: { data: { a: 'ä😀' } } });
  },
);

describe('a writer of frames', () => {
  const payload = Buffer.from(JSON.stringify({ data: { seq: 1 } }));
  const payloads = [{ text: payload }];
  const idOf = (frame: Buffer) => JSON.parse(String(frame.subarray(2))).id;

  /** A socket that takes everything at once, or nothing. */
  function socketOf(takes: boolean) {
    const written: { frame: Buffer; at: string }[] = [];
    const write = (frame: Buffer) => {
      written.push({ frame, at: String(frame.subarray(2)) });
      return takes;
    };
    return { written, write };
  }

  test('uses a buffer again for the next socket, whatever its operation’s id', () => {
    const writer = createFrameWriter();
    const socket = socketOf(true);
    for (const id of ['1', '2', 'three', 'fours']) writer.write(socket, frameId(id), payloads);
    const [first, second, third, fourth] = socket.written;
    expect(socket.written.map(({ at }) => JSON.parse(at).id)).toEqual(['1', '2', 'three', 'fours']);
    expect(second?.frame).toBe(first?.frame);
    expect(fourth?.frame).toBe(third?.frame);
    expect(third?.frame).not.toBe(second?.frame);
  });

  test('never touches a buffer that a socket still holds', () => {
    const writer = createFrameWriter();
    const [slow, fast] = [socketOf(false), socketOf(true)];
    writer.write(fast, frameId('1'), payloads);
    for (const id of ['2', '3']) writer.write(slow, frameId(id), payloads);
    for (const id of ['4', '5']) writer.write(fast, frameId(id), payloads);
    expect(slow.written.map(({ frame }) => idOf(frame))).toEqual(['2', '3']);
    expect(fast.written.map(({ at }) => JSON.parse(at).id)).toEqual(['1', '4', '5']);
  });

  test('uses a buffer of several payloads again likewise', async () => {
    const writer = createFrameWriter();
    const socket = socketOf(true);
    const several = [1, 200, 70_000].map((length) => ({
      text: Buffer.from(JSON.stringify({ data: 'x'.repeat(length) })),
    }));
    writer.write(socket, frameId('a'), several);
    writer.write(socket, frameId('b'), several);
    const [first, second] = socket.written;
    expect(second?.frame).toBe(first?.frame);
    expect(second?.frame).toEqual(frameAll(frameId('b'), several));
  });

  test('writes another payload, and several at once, into buffers of their own', async () => {
    const writer = createFrameWriter();
    const socket = socketOf(true);
    const other = Buffer.from(JSON.stringify({ data: { seq: 2 } }));
    writer.write(socket, frameId('1'), [{ text: payload }]);
    writer.write(socket, frameId('1'), [{ text: other }]);
    writer.write(socket, frameId('1'), [{ text: other }, { text: payload }]);
    writer.write(socket, frameId('1'), [{ text: other }]);
    expect(new Set(socket.written.map(({ frame }) => frame)).size).toBe(4);
    expect(await received(socket.written[2]?.frame ?? Buffer.alloc(0), 2)).toEqual([
      '{"id":"1","type":"next","payload":{"data":{"seq":2}}}',
      '{"id":"1","type":"next","payload":{"data":{"seq":1}}}',
    ]);
  });

  test('gives each of two real sockets exactly its own frames, also while one of them doesn’t read', async () => {
    const peer = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    const slow = connection;
    await once(peer, 'open');
    const fast = connection;
    const writer = createFrameWriter();
    const socketTo = (socket: Duplex) => ({
      write: (frame: Buffer) => {
        socket.write(frame);
        return socket.writableLength === 0;
      },
    });
    const [slowSocket, fastSocket] = [socketTo(slow), socketTo(fast)];
    const count = 3_000;
    const collect = async (webSocket: WebSocket) => {
      const seen: string[] = [];
      for await (const [data] of on(webSocket, 'message')) {
        const { id, payload: own } = JSON.parse(String(data));
        seen.push(`${id} ${own.data.seq} ${own.data.pad.length}`);
        if (seen.length === count) break;
      }
      return seen;
    };
    const fastSeen = collect(peer);
    client.pause();
    const slowSeen = collect(client);
    for (let seq = 0; seq < count; seq++) {
      const text = Buffer.from(JSON.stringify({ data: { seq, pad: 'x'.repeat(2_000) } }));
      const shared = [{ text }];
      writer.write(slowSocket, frameId('slow'), shared);
      writer.write(fastSocket, frameId('fast'), shared);
      if (seq % 100 === 0) await new Promise(setImmediate);
    }
    expect(slow.writableLength).toBeGreaterThan(0);
    client.resume();
    const all = (id: string) => Array.from({ length: count }, (_, seq) => `${id} ${seq} 2000`);
    expect(await fastSeen).toEqual(all('fast'));
    expect(await slowSeen).toEqual(all('slow'));
    peer.terminate();
  });
});
