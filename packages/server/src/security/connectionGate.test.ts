import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { expect, test } from 'vitest';
import { trustProxies } from './clientAddress.ts';
import { createConnectionGate } from './connectionGate.ts';

function setUp(maxTotal: number) {
  let nowMs = 0;
  const closed: string[] = [];
  const causes: string[] = [];
  const gate = createConnectionGate({
    maxTotal,
    maxPerAddress: 1_000,
    proxies: trustProxies([]),
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
    open: (remoteAddress: string, name: string) => {
      const destroy = () => void closed.push(name);
      return gate.open(Object.assign(new EventEmitter(), { remoteAddress, destroy }) as unknown as Socket);
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
  gate.open(Object.assign(socket, { remoteAddress: '192.0.2.1', destroy: () => {} }) as unknown as Socket);
  open('192.0.2.1', 'b').settle();
  expect(gate.waiting).toBe(1);
  socket.emit('close');
  expect(gate.waiting).toBe(0);
});
