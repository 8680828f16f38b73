import { describe, expect, test } from 'vitest';
import { createTestHub, testLog } from '../../testing/hub.ts';
import { refusalOf } from '../../testing/refusal.ts';
import type { Change } from './change.ts';
import { decodeCursor } from './cursor.ts';

const everything = (change: Change) => change;

test('every reader gets every change that means something to it, after it attached', async () => {
  const { hub, commit } = createTestHub();
  commit(1);
  const [all, some] = [hub.attach(everything), hub.attach((change) => (change.seq === 3 ? change : null))];
  commit(2, 3);
  expect([(await all.next()).value?.seq, (await all.next()).value?.seq]).toEqual([2, 3]);
  expect((await some.next()).value?.seq).toBe(3);
});

test('E3: a reader ahead of this replica gets nothing again that lies before its cursor', async () => {
  const { hub, commit } = createTestHub();
  const queue = hub.attach(everything, 5);
  commit(3, 4, 5);
  commit(6);
  expect((await queue.next()).value?.seq).toBe(6);
});

test('E5: one ahead of this replica that falls behind is sent to its own cursor, not to the replica’s place', async () => {
  const { hub, commit } = createTestHub(0);
  const queue = hub.attach(everything, 5);
  commit(6);
  const { details } = await refusalOf(queue.next());
  expect(decodeCursor(String(details.lastCursor), { ...testLog, headSeq: 10 }).seq).toBe(5);
});

test('E5: a reader that falls behind is let go, and nobody else notices', async () => {
  const { hub, commit } = createTestHub(1);
  const [slow, fast] = [hub.attach(everything), hub.attach(everything)];
  const read: unknown[] = [];
  for (const seq of [1, 2, 3]) {
    commit(seq);
    read.push((await fast.next()).value?.seq);
  }
  expect(read).toEqual([1, 2, 3]);
  expect(hub.openQueues).toBe(1);
  expect((await slow.next()).value?.seq).toBe(1);
  expect(await refusalOf(slow.next())).toMatchObject({ code: 'SLOW_CONSUMER' });
});

test('closing ends every queue, and any that is attached later', async () => {
  const { hub } = createTestHub();
  const waiting = hub.attach(everything).next();
  hub.close();
  expect(await waiting).toEqual({ value: undefined, done: true });
  expect(await hub.attach(everything).next()).toEqual({ value: undefined, done: true });
  expect(hub.openQueues).toBe(0);
});

describe('W3: changes for many queues', () => {
  /** A reader that takes its time to find out what a change means. */
  const slowly = ({ seq }: { seq: number }) => {
    for (const until = performance.now() + 1; performance.now() < until; );
    return seq;
  };

  test('are handed on in turns, to each queue in order, and a queue that is opened meanwhile misses none', async () => {
    const { hub, commit } = createTestHub();
    const queues = Array.from({ length: 40 }, () => hub.attach(slowly));
    let others = 0;
    const timer = setInterval(() => {
      others += 1;
    }, 1);
    commit(1, 2, 3);
    expect([hub.tail.position, hub.position]).toEqual([3, 0]);
    const late = hub.attach(({ seq }) => seq);
    await expect.poll(() => hub.position).toBe(3);
    clearInterval(timer);
    expect(others).toBeGreaterThan(2);
    commit(4);
    for (const queue of queues) {
      const taken: number[] = [];
      for (let i = 0; i < 4; i++) taken.push((await queue.next()).value?.seq ?? 0);
      expect(taken).toEqual([1, 2, 3, 4]);
    }
    // Changes from before it was opened are in the log, up to the tail's position then.
    expect((await late.next()).value?.seq).toBe(4);
  });

  test('are handed on to a few readers that wait for one, and then other work has its turn', async () => {
    const { hub, commit } = createTestHub();
    let working = 0;
    const readers = Array.from({ length: 200 }, async () => {
      await hub.attach(({ seq }) => seq).next();
      working += 1;
    });
    const seen: number[] = [];
    commit(1);
    while (working < readers.length) {
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(working);
    }
    const atATime = seen.map((count, i) => count - (seen[i - 1] ?? 0));
    // The first ones before this looks for the first time, and as many in the turn in which it does.
    expect(Math.max(...atATime)).toBeLessThanOrEqual(128);
    await Promise.all(readers);
  });

  test('of a reader that fails are handed on to the others', async () => {
    const { hub, commit } = createTestHub();
    const failing = hub.attach(() => {
      throw new Error('no meaning');
    });
    const other = hub.attach(({ seq }) => seq);
    commit(1);
    await expect(failing.next()).rejects.toThrow('no meaning');
    expect((await other.next()).value?.seq).toBe(1);
    expect(hub.openQueues).toBe(1);
  });
});
