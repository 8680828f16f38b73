import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { Writable } from 'node:stream';
import { beforeEach, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { createSocketWriter, type SocketWriter } from './socketWriter.ts';

/** A connection whose peer reads only when a test says so. */
class Connection extends Writable {
  readonly taken: string[] = [];
  read: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 10 });
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.read = () => {
      this.taken.push(String(chunk));
      done();
    };
  }
}

let connection: Connection;
let webSocket: EventEmitter & { readyState: number };
let writer: SocketWriter;
beforeEach(() => {
  connection = new Connection();
  webSocket = Object.assign(new EventEmitter(), { readyState: 1, OPEN: 1, CLOSED: 3 });
  writer = createSocketWriter(webSocket as unknown as WebSocket, connection as unknown as Duplex);
});

function close(): void {
  webSocket.readyState = 3;
  webSocket.emit('close');
}

async function readAll(): Promise<void> {
  for (; connection.read; await new Promise(setImmediate)) {
    const read = connection.read;
    connection.read = undefined;
    read();
  }
}

test('is ready until the connection holds as much as it should, and again once that has been read', async () => {
  expect(writer.ready).toBe(true);
  writer.write(Buffer.from('small'));
  expect(writer.ready).toBe(true);
  writer.write(Buffer.from('larger'));
  expect(writer.ready).toBe(false);
  const resume = vi.fn();
  writer.onDrain(resume);
  expect(resume).not.toHaveBeenCalled();
  await readAll();
  expect(resume).toHaveBeenCalledOnce();
  expect(writer.ready).toBe(true);
  expect(connection.taken.join('')).toBe('smalllarger');
});

test('whoever waits is called once, in the order of asking, and has one listener together', async () => {
  writer.write(Buffer.alloc(10));
  const calls: number[] = [];
  for (let i = 0; i < 100; i++) writer.onDrain(() => calls.push(i));
  expect(connection.listenerCount('drain')).toBe(1);
  await readAll();
  expect(calls).toEqual(Array.from({ length: 100 }, (_, i) => i));
  writer.write(Buffer.alloc(10));
  await readAll();
  expect(calls).toHaveLength(100);
});

test('one that waits again while it is called is called at the next drain', async () => {
  writer.write(Buffer.alloc(10));
  let calls = 0;
  writer.onDrain(() => {
    calls += 1;
    writer.write(Buffer.alloc(10));
    writer.onDrain(() => {
      calls += 1;
    });
  });
  await readAll();
  expect(calls).toBe(2);
});

test('whoever waits when the socket closes is called, and what it writes goes nowhere', () => {
  writer.write(Buffer.alloc(10));
  const resume = vi.fn(() => writer.write(Buffer.from('late')));
  writer.onDrain(resume);
  close();
  expect(resume).toHaveBeenCalledOnce();
  expect(connection.writableLength).toBe(10);
});

test('nothing is written once the socket closes: a close frame is the last', () => {
  webSocket.readyState = 2;
  writer.write(Buffer.from('late'));
  expect(connection.writableLength).toBe(0);
});

test('what is held is released when the socket closes, and what was withdrawn is not', () => {
  const [held, withdrawn] = [vi.fn(), vi.fn()];
  writer.onceGone('1', held);
  writer.onceGone('2', withdrawn)();
  close();
  expect(held).toHaveBeenCalledOnce();
  expect(withdrawn).not.toHaveBeenCalled();
});

test('what is held is released when another takes its id, which is held from then on', () => {
  const [first, second] = [vi.fn(), vi.fn()];
  const withdraw = writer.onceGone('1', first);
  writer.onceGone('1', second);
  expect(first).toHaveBeenCalledOnce();
  withdraw();
  close();
  expect(first).toHaveBeenCalledOnce();
  expect(second).toHaveBeenCalledOnce();
});

test('what is held after the socket has closed is released', async () => {
  close();
  const late = vi.fn();
  writer.onceGone('1', late);
  await expect.poll(() => late).toHaveBeenCalledOnce();
});
