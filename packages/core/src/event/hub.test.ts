import { expect, test } from 'vitest';
import { changeAt } from '../../testing/change.ts';
import { refusalOf } from '../../testing/refusal.ts';
import type { Change } from './change.ts';
import { decodeCursor } from './cursor.ts';
import { createEventHub } from './hub.ts';

const logId = '0123456789ab';

/** A hub over a tail that hands on what the test says. */
function openHub(bufferEvents = 10) {
  let position = 0;
  let handOn: (changes: readonly Change[]) => void = () => {};
  const hub = createEventHub(
    {
      logId,
      get position() {
        return position;
      },
      catchUp: async () => position,
      onChanges: (listener) => {
        handOn = listener;
      },
    },
    bufferEvents,
  );
  const commit = (...seqs: number[]) => {
    position = seqs.at(-1) ?? position;
    handOn(seqs.map(changeAt));
  };
  return { hub, commit };
}

const everything = () => true;

test('every subscriber gets every change that it wants, after it attached', async () => {
  const { hub, commit } = openHub();
  commit(1);
  const [all, some] = [hub.attach(everything), hub.attach((change) => change.seq === 3)];
  commit(2, 3);
  expect([(await all.next()).value?.seq, (await all.next()).value?.seq]).toEqual([2, 3]);
  expect((await some.next()).value?.seq).toBe(3);
});

test('E3: a subscriber ahead of this replica gets nothing again that lies before its cursor', async () => {
  const { hub, commit } = openHub();
  const subscription = hub.attach(everything, 5);
  commit(3, 4, 5);
  commit(6);
  expect((await subscription.next()).value?.seq).toBe(6);
});

test('E5: one ahead of this replica that falls behind is sent to its own cursor, not to the replica’s place', async () => {
  const { hub, commit } = openHub(0);
  const subscription = hub.attach(everything, 5);
  commit(6);
  const { details } = await refusalOf(subscription.next());
  expect(decodeCursor(String(details.lastCursor), { logId, trimmedThrough: 0, headSeq: 10 })).toBe(5);
});

test('E5: a subscriber that falls behind is let go, and nobody else notices', async () => {
  const { hub, commit } = openHub(1);
  const [slow, fast] = [hub.attach(everything), hub.attach(everything)];
  const read: unknown[] = [];
  for (const seq of [1, 2, 3]) {
    commit(seq);
    read.push((await fast.next()).value?.seq);
  }
  expect(read).toEqual([1, 2, 3]);
  expect(hub.subscriptions).toBe(1);
  expect((await slow.next()).value?.seq).toBe(1);
  expect(await refusalOf(slow.next())).toMatchObject({ code: 'SLOW_CONSUMER' });
});

test('closing ends every subscription, and any that is attached later', async () => {
  const { hub } = openHub();
  const waiting = hub.attach(everything).next();
  hub.close();
  expect(await waiting).toEqual({ value: undefined, done: true });
  expect(await hub.attach(everything).next()).toEqual({ value: undefined, done: true });
  expect(hub.subscriptions).toBe(0);
});
