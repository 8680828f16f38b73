import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { createLoopTurns, type LoopTurns } from '../limits/loopTurns.ts';
import { trustProxies } from './clientAddress.ts';
import { createConnectionGate } from './connectionGate.ts';

function setUp(maxTotal: number, turns: LoopTurns = createLoopTurns({ now: () => 0 })) {
  let nowMs = 0;
  const closed: string[] = [];
  const causes: string[] = [];
  const gate = createConnectionGate({
    maxTotal,
    maxPerAddress: 1_000,
    proxies: trustProxies([]),
    turns,
    now: () => nowMs,
    onClosed: (cause) => void causes.push(cause),
  });
  return {
    gate,
    closed,
    causes,
    pass: (ms: number) => {
      nowMs += ms;
    },
    open: (remoteAddress: string, name: string, begin = () => {}) => {
      const destroy = () => void closed.push(name);
      return gate.open(Object.assign(new EventEmitter(), { remoteAddress, destroy }) as unknown as Socket, begin);
    },
  };
}

test('W11: past the number of all, the oldest connection without a credential goes', () => {
  const { gate, closed, causes, pass, open } = setUp(2);
  open('192.0.2.1', 'a');
  open('192.0.2.2', 'b').settle();
  pass(1_000);
  open('192.0.2.3', 'c');
  expect(closed).toEqual([]);
  open('192.0.2.4', 'd');
  expect([closed, causes, gate.waiting]).toEqual([['a'], ['total'], 2]);
});

test('W11: a crowd of one address closes its own connections, and not the older one of a probe', () => {
  const { closed, pass, open } = setUp(3);
  open('192.0.2.1', 'probe');
  pass(1_000);
  for (const name of ['a', 'b']) open('192.0.2.2', name);
  pass(1_000);
  for (const name of ['c', 'd']) open('192.0.2.2', name);
  expect(closed).toEqual(['a', 'b']);
});

test('W11: where all came within a second, the newest goes of the address with the most', () => {
  const { closed, open } = setUp(4);
  open('192.0.2.1', 'innocent');
  for (const name of ['a', 'b', 'c', 'd', 'e']) open('192.0.2.2', name);
  open('192.0.2.3', 'another innocent');
  expect(closed).toEqual(['d', 'e', 'c']);
});

test('a connection that has ended, or has shown a credential, is counted no more', () => {
  const { gate, open } = setUp(4);
  const socket = new EventEmitter();
  gate.open(Object.assign(socket, { remoteAddress: '192.0.2.1', destroy: () => {} }) as unknown as Socket, () => {});
  open('192.0.2.1', 'b').settle();
  expect(gate.waiting).toBe(1);
  socket.emit('close');
  expect(gate.waiting).toBe(0);
});

test('W3: many connections at once begin by turns of their addresses', () => {
  const turns: (() => void)[] = [];
  let nowMs = 0;
  const begun: string[] = [];
  const loopTurns = createLoopTurns({ now: () => nowMs, nextTurn: (callback) => turns.push(callback) });
  const { gate, open } = setUp(100, loopTurns);
  const begin = (name: string) => () => {
    nowMs += 5;
    begun.push(name);
  };
  for (const name of ['a', 'b', 'c']) open('192.0.2.1', name, begin(name));
  open('192.0.2.2', 'other', begin('other'));
  expect(begun).toEqual(['a']);
  expect(gate.waiting).toBe(4);
  while (turns.length > 0) turns.shift()?.();
  expect(begun).toEqual(['a', 'b', 'other', 'c']);
});

test('a peer that goes away before its connection has begun fails nothing, and never begins', () => {
  const waiting: (() => void)[] = [];
  const later: LoopTurns = {
    run: (_, begin) => new Promise((resolve) => waiting.push(() => resolve(begin()))),
  };
  const { gate } = setUp(100, later);
  let begun = 0;
  const socket = Object.assign(new EventEmitter(), { remoteAddress: '192.0.2.1', destroyed: false });
  gate.open(socket as unknown as Socket, () => {
    begun += 1;
  });
  socket.destroyed = true;
  socket.emit('error', new Error('reset'));
  socket.emit('close');
  for (const begin of waiting) begin();
  expect([begun, gate.waiting]).toEqual([0, 0]);
});
