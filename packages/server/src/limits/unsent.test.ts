import type { Viewer } from '@muster/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { UnsentBytes } from './unsent.ts';

const viewerOf = (id: string): Viewer => ({
  subject: id,
  role: 'VIEWER',
  domainId: 'd',
  credential: { id, keyId: id, expiresAtMs: null },
});
const limits = {
  pauseBytes: 10,
  closeBytes: 80,
  stuckMs: 5_000,
  credentialBytes: 100,
  onClosed: () => {
    closed += 1;
  },
};

let unsent: UnsentBytes;
let destroyed: string[];
let closed: number;
beforeEach(() => {
  vi.useFakeTimers();
  unsent = new UnsentBytes(limits);
  destroyed = [];
  closed = 0;
});

afterEach(() => {
  vi.useRealTimers();
});

function open(name: string, credential = 'a') {
  const connection = unsent.open({ destroy: () => destroyed.push(name) });
  connection.assign(viewerOf(credential));
  return connection;
}

describe('W9: a connection whose peer does not read', () => {
  test('is behind past one bound, and is closed past the other where it takes nothing for a time', () => {
    const connection = open('1');
    connection.set(10);
    expect(connection.isBehind).toBe(false);
    connection.set(11);
    expect(connection.isBehind).toBe(true);
    connection.set(90);
    vi.advanceTimersByTime(4_000);
    connection.set(85);
    vi.advanceTimersByTime(4_000);
    connection.set(95);
    expect(destroyed).toEqual([]);
    vi.advanceTimersByTime(1_000);
    expect([destroyed, unsent.bytes, closed]).toEqual([['1'], 0, 1]);
  });

  test('is not closed once it has taken enough', () => {
    const connection = open('1');
    connection.set(90);
    connection.set(80);
    vi.advanceTimersByTime(10_000);
    expect(destroyed).toEqual([]);
  });

  test('may have one long answer, as long as it is the only one of its credential that is behind', () => {
    const long = open('long');
    long.set(1_000);
    expect(destroyed).toEqual([]);
    open('other').set(1);
    expect(destroyed).toEqual(['long']);
  });

  test('goes first where it has been behind for longest, and only for its own credential', () => {
    const [first, second, foreign] = [open('first'), open('second'), open('foreign', 'b')];
    foreign.set(90);
    first.set(40);
    second.set(40);
    first.set(0);
    first.set(40);
    open('third').set(40);
    expect(destroyed).toEqual(['second']);
    expect(unsent.bytes).toBe(170);
  });
});

test('a connection that has been read out counts no more, and one without a viewer counts for nobody’s credential', () => {
  const connection = open('1');
  connection.set(50);
  connection.set(0);
  const unknown = unsent.open({ destroy: () => destroyed.push('unknown') });
  unknown.set(99);
  expect(unsent.bytes).toBe(99);
  unknown.assign(viewerOf('a'));
  open('2').set(2);
  expect(destroyed).toEqual(['unknown']);
});
