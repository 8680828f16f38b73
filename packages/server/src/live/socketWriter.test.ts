import { EventEmitter } from 'node:events';
import type { Duplex } from 'node:stream';
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { UnsentBytes } from '../limits/unsent.ts';
import { createSocketWriter, type WebSocketWriter } from './socketWriter.ts';

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
let writer: WebSocketWriter;
/** Whether anything is taken from the peer. */
let reading: boolean;
let caughtUp: number;
beforeEach(() => {
  connection = new Connection();
  reading = true;
  caughtUp = 0;
  webSocket = Object.assign(new EventEmitter(), {
    readyState: 1,
    OPEN: 1,
    CLOSED: 3,
    pause: () => {
      reading = false;
    },
    resume: () => {
      reading = true;
    },
    send: (text: string, done: () => void) => connection.write(text, done),
  });
  const limits = { pauseBytes: 20, closeBytes: 40, stuckMs: 1_000_000, credentialBytes: 1_000 };
  const unsent = new UnsentBytes(limits).open({ destroy: () => {} });
  writer = createSocketWriter({
    webSocket: webSocket as unknown as WebSocket,
    connection: connection as unknown as Duplex,
    unsent,
    onCaughtUp: () => {
      caughtUp += 1;
    },
  });
});

function close(): void {
  webSocket.readyState = 3;
  webSocket.emit('close');
}

async function readAll(): Promise<void> {
  for (; connection.read; await setImmediate()) {
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

describe('W9: a peer that does not read', () => {
  test('has nothing taken from it past a bound, and again once it has read', async () => {
    void writer.send('a'.repeat(20));
    expect([writer.caughtUp(), reading]).toEqual([undefined, true]);
    void writer.send('b');
    expect(reading).toBe(false);
    const operation = vi.fn();
    void writer.caughtUp()?.then(operation);
    await setImmediate();
    expect(operation).not.toHaveBeenCalled();
    await readAll();
    expect(operation).toHaveBeenCalledOnce();
    expect([writer.caughtUp(), reading, caughtUp]).toEqual([undefined, true, 1]);
  });

  test('is behind by what is held back for it, too', () => {
    writer.hold(21);
    expect(reading).toBe(false);
    writer.hold(-21);
    expect([reading, caughtUp]).toEqual([true, 1]);
  });

  test('has nothing taken from it when the answers to its pings wait', () => {
    connection.write('a'.repeat(21));
    webSocket.emit('ping');
    expect(reading).toBe(false);
  });

  test('holds nothing of its operations once it has gone', async () => {
    void writer.send('a'.repeat(30));
    const operation = vi.fn();
    void writer.caughtUp()?.then(operation);
    close();
    await expect.poll(() => operation).toHaveBeenCalledOnce();
  });
});
