import { on, once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { frameAll, nextEnvelope } from './frame.ts';

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

/** What a client gets of frames that are written to its connection. */
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

const bare = { before: Buffer.alloc(0), after: Buffer.alloc(0) };
const textOf = (length: number) => ({ text: Buffer.alloc(length, 'x') });

describe('a frame is one text message to a WebSocket client', () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536, 1_000_000])('of %i bytes', async (length) => {
    const [message] = await received(frameAll(bare, [textOf(length)]), 1);
    expect(message).toBe('x'.repeat(length));
  });

  test.each([125, 126, 65_535, 65_536])('of %i bytes with its envelope', async (length) => {
    const envelope = nextEnvelope('1');
    const around = envelope.before.length + envelope.after.length;
    const payload = Buffer.from(JSON.stringify('x'.repeat(length - around - 2)));
    const frames = frameAll(envelope, [{ text: payload }]);
    const [message = ''] = await received(frames, 1);
    expect(Buffer.byteLength(message)).toBe(length);
    expect(JSON.parse(message)).toEqual({ id: '1', type: 'next', payload: JSON.parse(String(payload)) });
  });

  test('and several in one buffer are as many, in their order', async () => {
    const lengths = [0, 200, 65_536, 1, 126, 70_000, 125];
    const messages = await received(frameAll(bare, lengths.map(textOf)), lengths.length);
    expect(messages.map(({ length }) => length)).toEqual(lengths);
  });

  test('beside those that ws sends', async () => {
    const [first] = sockets.clients;
    const frames = frameAll(nextEnvelope('a'), [{ text: Buffer.from('{}') }]);
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
    const [message = ''] = await received(frameAll(nextEnvelope(id), [{ text }]), 1);
    expect(JSON.parse(message)).toEqual({ id, type: 'next', payload: { data: { a: 'ä😀' } } });
  },
);
