import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Fleet, fleetOf, openSocket, type TestSocket, useTestServer } from '../testing/index.ts';

const server = useTestServer({ env: { MUSTER_MAX_BODY_BYTES: '65536' } });
let fleet: Fleet;
let bystander: TestSocket;
let changes = 0;

beforeAll(async () => {
  fleet = fleetOf(server.url, 'frames');
  await fleet.report('bystander', 'ACTIVE');
  bystander = await openSocket(server.url);
  bystander.start('watch', 'subscription ($after: Cursor) { pluginStateChanged(after: $after) { from to } }', {
    after: await fleet.cursor(),
  });
});
afterAll(async () => {
  await bystander.close();
});

/** Whatever one socket did, another's subscription goes on, and gets what happens next. */
afterEach(async () => {
  const [from, to] = changes++ % 2 === 0 ? ['ACTIVE', 'ERROR'] : ['ERROR', 'ACTIVE'];
  await fleet.report('bystander', to);
  expect(await bystander.nextData('watch', 'pluginStateChanged')).toEqual({ from, to });
  expect(server.logged.filter(({ level }) => level >= 40)).toEqual([]);
});

describe('a frame that breaks the WebSocket protocol closes its own socket with the code of RFC 6455', () => {
  const hello = Buffer.from('{"type":"connection_init"}');
  test.each<[string, Buffer, number]>([
    ['an opcode that is reserved', frame(0x83, hello), 1002],
    ['a reserved bit', frame(0xc1, hello), 1002],
    ['a frame that is not masked', Buffer.concat([Buffer.from([0x81, hello.length]), hello]), 1002],
    ['a continuation of nothing', frame(0x80, hello), 1002],
    ['a ping in fragments', frame(0x09, hello), 1002],
    ['a ping that is too long', frame(0x89, Buffer.alloc(126)), 1002],
    ['a close with a code of one byte', frame(0x88, Buffer.from([3])), 1002],
    ['a close with a code that is reserved', frame(0x88, Buffer.from([0x03, 0xed])), 1002],
    ['a text that is no UTF-8', frame(0x81, Buffer.from([0x22, 0xc3, 0x28, 0x22])), 1007],
    ['a message of more bytes than are allowed', frame(0x81, Buffer.alloc(65_537, 0x20)), 1009],
    ['a message that claims 8 EiB', Buffer.from([0x81, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 1009],
  ])('%s', async (_title, bytes, code) => {
    const socket = await shakeHands();
    socket.write(bytes);
    expect(await closeCode(socket)).toBe(code);
  });

  test('fragments of a message that together are too large', async () => {
    const socket = await shakeHands();
    socket.write(frame(0x01, Buffer.alloc(40_000, 0x20)));
    socket.write(frame(0x80, Buffer.alloc(40_000, 0x20)));
    expect(await closeCode(socket)).toBe(1009);
  });

  test('a socket that breaks off in the middle of a frame', async () => {
    const socket = await shakeHands();
    socket.write(frame(0x81, hello).subarray(0, 9));
    socket.resetAndDestroy();
    await once(socket, 'close');
  });
});

describe('a message that breaks graphql-transport-ws closes its own socket with the code of that protocol', () => {
  const query = '{ viewer { role } }';
  const subscribe = { id: '1', type: 'subscribe', payload: { query } };

  test.each<[string, string | object]>([
    ['no JSON', '{"type":'],
    ['no object', '5'],
    ['null', 'null'],
    ['no type', { id: '1' }],
    ['a type that is unknown', { type: 'nonsense' }],
    ['a type of the server', { id: '1', type: 'next', payload: {} }],
    ['a subscribe without an id', { type: 'subscribe', payload: { query } }],
    ['a subscribe with an empty id', { ...subscribe, id: '' }],
    ['a subscribe without a payload', { id: '1', type: 'subscribe' }],
    ['a query that is no text', { ...subscribe, payload: { query: 5 } }],
    ['variables that are no object', { ...subscribe, payload: { query, variables: 'x' } }],
    ['a complete without an id', { type: 'complete' }],
  ])('4400: %s', async (_title, message) => {
    const socket = await openSocket(server.url);
    socket.send(message);
    expect(await socket.closed).toMatchObject({ code: 4400 });
  });

  test('4400: a binary message that is no JSON', async () => {
    const socket = await openSocket(server.url);
    socket.webSocket.send(randomBytes(100));
    expect(await socket.closed).toMatchObject({ code: 4400 });
  });

  test('4401: an operation before connection_init', async () => {
    const socket = await openSocket(server.url, { greet: false });
    socket.send(subscribe);
    expect(await socket.closed).toEqual({ code: 4401, reason: 'Unauthorized' });
  });

  test('4429: a second connection_init', async () => {
    const socket = await openSocket(server.url);
    socket.send({ type: 'connection_init' });
    expect(await socket.closed).toEqual({ code: 4429, reason: 'Too many initialisation requests' });
  });

  test('4409: the id of an operation that still runs', async () => {
    const socket = await openSocket(server.url);
    socket.start('1', 'subscription { pluginStateChanged { from } }');
    socket.start('1', query);
    expect(await socket.closed).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });
  });

  test('4406: another subprotocol, such as the one before this', async () => {
    const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-ws');
    // The handshake names no protocol, which its client takes for a refusal.
    await once(socket, 'error');
    const none = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`);
    const [code] = await once(none, 'close');
    expect(code).toBe(4406);
  });

  test('4408: no connection_init within 3 s', async () => {
    const socket = await openSocket(server.url, { greet: false });
    expect(await socket.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  });

  test('an id can be used again once its operation has ended, and __proto__ is an id like any other', async () => {
    const socket = await openSocket(server.url);
    for (const id of ['1', '1', '__proto__', 'constructor']) {
      socket.start(id, query);
      expect(await socket.next()).toEqual({ id, type: 'next', payload: { data: { viewer: { role: 'ADMIN' } } } });
      expect(await socket.next()).toEqual({ id, type: 'complete' });
    }
    await socket.close();
  });

  test('a ping is answered, with its payload, before connection_init too', async () => {
    const socket = await openSocket(server.url, { greet: false });
    socket.send({ type: 'ping', payload: { a: 1 } });
    expect(await socket.next()).toEqual({ type: 'pong', payload: { a: 1 } });
    await socket.close();
  });
});

describe('a handshake that may not be', () => {
  test.each([
    ['404: another path', '/nope', {}, /^HTTP\/1.1 404 /],
    ['404: a path that only begins alike', '/graphql/x', {}, /^HTTP\/1.1 404 /],
    ['403: a page of another origin', '/graphql', { Origin: 'https://evil.example' }, /^HTTP\/1.1 403 /],
    ['403: a page without an origin', '/graphql', { Origin: 'null' }, /^HTTP\/1.1 403 /],
    ["A5, 403: a name that is not this machine's own", '/graphql', { Host: 'evil.example' }, /^HTTP\/1.1 403 /],
    ['400: a version that is unknown', '/graphql', { 'Sec-WebSocket-Version': '99' }, /^HTTP\/1.1 4\d\d /],
    ['400: a key that is none', '/graphql', { 'Sec-WebSocket-Key': 'x' }, /^HTTP\/1.1 400 /],
  ] as [string, string, Record<string, string>, RegExp][])('%s', async (_title, path, headers, reply) => {
    const socket = connect(portOf(server.url), '127.0.0.1');
    socket.write(handshake(path, headers));
    expect(await text(socket)).toMatch(reply);
  });

  test('garbage instead of one ends its connection', async () => {
    const socket = connect(portOf(server.url), '127.0.0.1');
    socket.write(Buffer.concat([frame(0x81, Buffer.from('{}')), Buffer.from('\r\n\r\n')]));
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
  });

  test('garbage right behind one, in the same packet, closes the socket with 1002', async () => {
    const socket = connect(portOf(server.url), '127.0.0.1');
    socket.write(Buffer.concat([Buffer.from(handshake('/graphql', {})), frame(0x83, Buffer.from('{}'))]));
    await shaken(socket);
    expect(await closeCode(socket)).toBe(1002);
  });

  test('one that breaks off is no trouble', async () => {
    const socket = connect(portOf(server.url), '127.0.0.1');
    socket.write(handshake('/graphql', {}));
    await once(socket, 'connect');
    socket.resetAndDestroy();
    await once(socket, 'close');
  });
});

function portOf(url: string): number {
  return Number(new URL(url).port);
}

/** A frame as a client must send it, masked. */
function frame(firstByte: number, payload: Buffer): Buffer {
  const mask = randomBytes(4);
  const length =
    payload.length < 126
      ? Buffer.from([0x80 | payload.length])
      : payload.length < 65_536
        ? Buffer.from([0xfe, payload.length >> 8, payload.length & 0xff])
        : Buffer.from([0xff, 0, 0, 0, 0, 0, payload.length >> 16, (payload.length >> 8) & 0xff, payload.length & 0xff]);
  const masked = payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0));
  return Buffer.concat([Buffer.from([firstByte]), length, mask, masked]);
}

function handshake(path: string, changed: Record<string, string>): string {
  const headers = {
    Host: '127.0.0.1',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'),
    'Sec-WebSocket-Protocol': 'graphql-transport-ws',
    ...changed,
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

async function shakeHands(): Promise<Socket> {
  const socket = connect(portOf(server.url), '127.0.0.1');
  socket.write(handshake('/graphql', {}));
  await shaken(socket);
  return socket;
}

/** Reads the reply to the handshake and leaves what follows. */
async function shaken(socket: Socket): Promise<void> {
  let reply = Buffer.alloc(0);
  while (!reply.includes('\r\n\r\n')) {
    await once(socket, 'readable');
    reply = Buffer.concat([reply, socket.read() ?? Buffer.alloc(0)]);
  }
  expect(String(reply)).toMatch(/^HTTP\/1.1 101 /);
  const rest = reply.subarray(reply.indexOf('\r\n\r\n') + 4);
  if (rest.length > 0) socket.unshift(rest);
}

/** The code of the close frame that the server sends next, and last. */
async function closeCode(socket: Socket): Promise<number> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket) {
    chunks.push(chunk);
    if (Buffer.concat(chunks).length >= 4) break;
  }
  const reply = Buffer.concat(chunks);
  expect(reply[0]).toBe(0x88);
  return reply.readUInt16BE(2);
}
