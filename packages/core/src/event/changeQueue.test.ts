import { describe, expect, test } from 'vitest';
import { changeAt } from '../../testing/change.ts';
import { refusalOf } from '../../testing/refusal.ts';
import { createSubscription } from './changeQueue.ts';
import { decodeCursor } from './cursor.ts';

const logId = '0123456789ab';
const placeOf = (cursor: unknown) => decodeCursor(String(cursor), { logId, trimmedThrough: 0, headSeq: 1e6 });

function subscribe(options: { from?: number; bufferEvents?: number; wants?: (seq: number) => boolean } = {}) {
  const ends: string[] = [];
  const subscription = createSubscription({
    logId,
    from: options.from ?? 0,
    wants: (change) => options.wants?.(change.seq) ?? true,
    bufferEvents: options.bufferEvents ?? 3,
    onEnd: () => ends.push('end'),
  });
  return { subscription, ends, next: async () => (await subscription.next()).value?.seq };
}

test('changes are read in the order in which they were offered', async () => {
  const { subscription, next } = subscribe();
  subscription.offer(changeAt(1));
  subscription.offer(changeAt(2));
  expect([await next(), await next()]).toEqual([1, 2]);
});

test('a reader that waits gets the next change that it wants', async () => {
  const { subscription, next } = subscribe({ wants: (seq) => seq % 2 === 0 });
  const waiting = next();
  for (const seq of [1, 2, 3, 4]) subscription.offer(changeAt(seq));
  expect([await waiting, await next()]).toEqual([2, 4]);
});

describe('E5: a reader that falls behind', () => {
  test('still gets what was waiting, then SLOW_CONSUMER with the cursor of the last that it took, then the end', async () => {
    const { subscription, next, ends } = subscribe();
    for (const seq of [1, 2, 3]) subscription.offer(changeAt(seq));
    expect(ends).toEqual([]);
    for (const seq of [4, 5]) subscription.offer(changeAt(seq));
    expect(ends).toEqual(['end']);
    expect([await next(), await next(), await next()]).toEqual([1, 2, 3]);
    const refusal = await refusalOf(subscription.next());
    expect(refusal.code).toBe('SLOW_CONSUMER');
    expect(placeOf(refusal.details.lastCursor)).toBe(3);
    expect(await subscription.next()).toEqual({ value: undefined, done: true });
  });

  test('that took nothing resumes from where it began', async () => {
    const { subscription } = subscribe({ from: 7, bufferEvents: 0 });
    subscription.offer(changeAt(8));
    expect(placeOf((await refusalOf(subscription.next())).details.lastCursor)).toBe(7);
  });

  test('does not count changes that it does not want', async () => {
    const { subscription, next } = subscribe({ bufferEvents: 1, wants: (seq) => seq === 100 });
    for (let seq = 1; seq <= 100; seq++) subscription.offer(changeAt(seq));
    expect(await next()).toBe(100);
  });

  test('that leaves is not told', async () => {
    const { subscription } = subscribe({ bufferEvents: 0 });
    subscription.offer(changeAt(1));
    await subscription.return?.();
    expect(await subscription.next()).toEqual({ value: undefined, done: true });
  });
});

test('`end` lets a reader take what waits, and ends one that waits', async () => {
  const one = subscribe();
  one.subscription.offer(changeAt(1));
  one.subscription.end();
  expect([await one.next(), await one.next()]).toEqual([1, undefined]);

  const other = subscribe();
  const waiting = other.subscription.next();
  other.subscription.end();
  expect(await waiting).toEqual({ value: undefined, done: true });
});

test('`return` drops what waits, ends a reader that waits, and is told once however often it is called', async () => {
  const { subscription, ends } = subscribe();
  const waiting = subscription.next();
  await subscription.return?.();
  await subscription.return?.();
  subscription.end();
  subscription.offer(changeAt(1));
  expect(await waiting).toEqual({ value: undefined, done: true });
  expect(await subscription.next()).toEqual({ value: undefined, done: true });
  expect(ends).toEqual(['end']);
});
