import { describe, expect, test } from 'vitest';
import { changeAt } from '../../testing/change.ts';
import { testLog } from '../../testing/hub.ts';
import { refusalOf } from '../../testing/refusal.ts';
import type { Change } from './change.ts';
import { ChangeQueue, onceTaken } from './changeQueue.ts';
import { decodeCursor } from './cursor.ts';

const placeOf = (cursor: unknown) => decodeCursor(String(cursor), { ...testLog, headSeq: 1e6 }).seq;

function openQueue(options: { afterSeq?: number; bufferEvents?: number; wants?: (seq: number) => boolean } = {}) {
  const ends: string[] = [];
  const queue = new ChangeQueue<Change>({
    log: () => testLog,
    afterSeq: options.afterSeq ?? 0,
    meaningOf: (change) => ((options.wants?.(change.seq) ?? true) ? change : null),
    meaningOnceTaken: (change) => change,
    bufferEvents: options.bufferEvents ?? 3,
    onEnd: () => ends.push('end'),
  });
  return { queue, ends, next: async () => (await queue.next()).value?.seq };
}

test('changes are read in the order in which they were pushed', async () => {
  const { queue, next } = openQueue();
  queue.push(changeAt(1));
  queue.push(changeAt(2));
  expect([await next(), await next()]).toEqual([1, 2]);
});

test('a reader that waits gets the next change that means something to it', async () => {
  const { queue, next } = openQueue({ wants: (seq) => seq % 2 === 0 });
  const waiting = next();
  for (const seq of [1, 2, 3, 4]) queue.push(changeAt(seq));
  expect([await waiting, await next()]).toEqual([2, 4]);
});

test('a change’s meaning is computed once, when it is pushed, and not at all once the queue has ended', async () => {
  const judged: number[] = [];
  const { queue, next } = openQueue({ wants: (seq) => judged.push(seq) > 0 });
  for (const seq of [1, 2]) queue.push(changeAt(seq));
  expect(judged).toEqual([1, 2]);
  expect([await next(), await next()]).toEqual([1, 2]);
  queue.end();
  queue.push(changeAt(3));
  expect(judged).toEqual([1, 2]);
});

test('W8: a meaning that is found out once its change is taken costs nothing before, and counts as one that waits', async () => {
  const found: number[] = [];
  const queue = new ChangeQueue<string>({
    log: () => testLog,
    afterSeq: 0,
    meaningOf: ({ seq }) => (seq === 2 ? null : onceTaken),
    meaningOnceTaken: ({ seq }) => {
      found.push(seq);
      return `meaning of ${seq}`;
    },
    bufferEvents: 2,
    onEnd: () => {},
  });
  for (const seq of [1, 2, 3]) queue.push(changeAt(seq));
  expect(found).toEqual([]);
  expect(await queue.next()).toEqual({ value: { seq: 1, meaning: 'meaning of 1' }, done: false });
  expect(found).toEqual([1]);
  for (const seq of [4, 5]) queue.push(changeAt(seq));
  expect([(await queue.next()).value?.seq, (await queue.next()).value?.seq]).toEqual([3, 4]);
  expect(await refusalOf(queue.next())).toMatchObject({ code: 'SLOW_CONSUMER' });
});

test('a reader that got changes in another way skips them, and resumes after them', async () => {
  const { queue, next } = openQueue();
  for (const seq of [1, 2, 3]) queue.push(changeAt(seq));
  queue.skipTo(2);
  expect(await next()).toBe(3);
  queue.skipTo(9);
  for (const seq of [10, 11, 12, 13]) queue.push(changeAt(seq));
  expect([await next(), await next(), await next()]).toEqual([10, 11, 12]);
  expect(placeOf((await refusalOf(queue.next())).details.lastCursor)).toBe(12);
});

describe('E5: a reader that falls behind', () => {
  test('still gets what was waiting, then SLOW_CONSUMER with the cursor of the last that it took, then the end', async () => {
    const { queue, next, ends } = openQueue();
    for (const seq of [1, 2, 3]) queue.push(changeAt(seq));
    expect(ends).toEqual([]);
    for (const seq of [4, 5]) queue.push(changeAt(seq));
    expect(ends).toEqual(['end']);
    expect([await next(), await next(), await next()]).toEqual([1, 2, 3]);
    const refusal = await refusalOf(queue.next());
    expect(refusal.code).toBe('SLOW_CONSUMER');
    expect(placeOf(refusal.details.lastCursor)).toBe(3);
    expect(await queue.next()).toEqual({ value: undefined, done: true });
  });

  test('that took nothing resumes from where it began', async () => {
    const { queue } = openQueue({ afterSeq: 7, bufferEvents: 0 });
    queue.push(changeAt(8));
    expect(placeOf((await refusalOf(queue.next())).details.lastCursor)).toBe(7);
  });

  test('does not count changes that it does not want', async () => {
    const { queue, next } = openQueue({ bufferEvents: 1, wants: (seq) => seq === 100 });
    for (let seq = 1; seq <= 100; seq++) queue.push(changeAt(seq));
    expect(await next()).toBe(100);
  });

  test('that leaves is not told', async () => {
    const { queue } = openQueue({ bufferEvents: 0 });
    queue.push(changeAt(1));
    await queue.return();
    expect(await queue.next()).toEqual({ value: undefined, done: true });
  });
});

test('`end` lets a reader take what waits, and ends one that waits', async () => {
  const one = openQueue();
  one.queue.push(changeAt(1));
  one.queue.end();
  expect([await one.next(), await one.next()]).toEqual([1, undefined]);

  const other = openQueue();
  const waiting = other.queue.next();
  other.queue.end();
  expect(await waiting).toEqual({ value: undefined, done: true });
});

test('`return` drops what waits, ends a reader that waits, and is told once however often it is called', async () => {
  const { queue, ends } = openQueue();
  const waiting = queue.next();
  await queue.return();
  await queue.return();
  queue.end();
  queue.push(changeAt(1));
  expect(await waiting).toEqual({ value: undefined, done: true });
  expect(await queue.next()).toEqual({ value: undefined, done: true });
  expect(ends).toEqual(['end']);
});
