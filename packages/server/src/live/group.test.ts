import { setImmediate } from 'node:timers/promises';
import { createPacer, Effort, type Feed, openViewer, type Sequenced, type Viewer } from '@muster/core';
import { createTestHub, type TestHub } from '@muster/core/testing';
import type { ExecutionResult } from 'graphql';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFakeFeed } from '../../testing/fakeFeed.ts';
import { FakePoints } from '../../testing/fakePoints.ts';
import { EventBudgets } from './eventBudgets.ts';
import { createGroup, type SubscriptionGroup } from './group.ts';
import type { Payload } from './payload.ts';

let log: TestHub;
let empty: number;
beforeEach(() => {
  log = createTestHub();
  empty = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

const resultOf = ({ seq }: Sequenced): ExecutionResult => ({ data: { seq } });

const viewer: Viewer = openViewer;

function groupOf(
  execute: (item: Sequenced) => Promise<ExecutionResult> = async (item) => resultOf(item),
  feed: Partial<Feed<Sequenced>> = {},
  points: FakePoints = new FakePoints(),
  pacer = createPacer(),
): SubscriptionGroup {
  return createGroup({
    hub: log.hub,
    feed: createFakeFeed(feed),
    execute,
    pointsPerItem: 100,
    budgets: new EventBudgets({ points, onPause: () => {} }),
    pacer,
    bookmarkIntervalMs: 1_000,
    onEmpty: () => {
      empty += 1;
    },
  });
}

/** A subscriber that keeps what it is given. */
function join(group: SubscriptionGroup, as = viewer) {
  const deliveries: (readonly Payload[])[] = [];
  const ends: unknown[] = [];
  const leave = group.join(
    {
      deliver: (payloads) => void deliveries.push(payloads),
      end: (error) => void ends.push(error),
    },
    as,
  );
  return {
    leave,
    deliveries,
    ends,
    get places() {
      return deliveries.flat().map(({ seq }) => seq);
    },
    /** Waits until payloads with these sequence numbers have come. */
    expectPlaces: (...places: number[]) => expect.poll(() => deliveries.flat().map(({ seq }) => seq)).toEqual(places),
  };
}

test('payloads leave in the order of the changes, whichever execution ends first', async () => {
  const executions = new Map<number, PromiseWithResolvers<ExecutionResult>>();
  const group = groupOf(({ seq }) => {
    const execution = Promise.withResolvers<ExecutionResult>();
    executions.set(seq, execution);
    return execution.promise;
  });
  const subscriber = join(group);
  log.commit(1, 2, 3);
  await expect.poll(() => executions.size).toBe(3);
  for (const seq of [3, 2]) executions.get(seq)?.resolve(resultOf({ seq }));
  await setImmediate();
  expect(subscriber.places).toEqual([]);
  executions.get(1)?.resolve(resultOf({ seq: 1 }));
  await subscriber.expectPlaces(1, 2, 3);
  expect(subscriber.deliveries.flat().map(({ text }) => String(text))).toEqual(
    [1, 2, 3].map((seq) => `{"data":{"seq":${seq}}}`),
  );
  // One that is behind doesn't hold up what comes later for good.
  log.commit(4);
  await expect.poll(() => executions.size).toBe(4);
  executions.get(4)?.resolve(resultOf({ seq: 4 }));
  await subscriber.expectPlaces(1, 2, 3, 4);
});

test('a change is judged, executed and serialised once for all subscribers, who get the same payloads', async () => {
  const execute = vi.fn(async (item: Sequenced) => resultOf(item));
  const meaningOf = vi.fn(({ seq }: Sequenced) => (seq === 3 ? null : [{ seq }]));
  const group = groupOf(execute, { meaningOf });
  const subscribers = Array.from({ length: 20 }, () => join(group));
  log.commit(1, 2, 3, 4);
  for (const subscriber of subscribers) await subscriber.expectPlaces(1, 2, 4);
  expect(meaningOf).toHaveBeenCalledTimes(4);
  expect(execute).toHaveBeenCalledTimes(3);
  expect(new Set(subscribers.flatMap(({ deliveries }) => deliveries.flat()))).toHaveLength(3);
});

test('what comes about in one turn is delivered together', async () => {
  const subscriber = join(groupOf());
  log.commit(1, 2, 3);
  await subscriber.expectPlaces(1, 2, 3);
  expect(subscriber.deliveries).toHaveLength(1);
  log.commit(4);
  await subscriber.expectPlaces(1, 2, 3, 4);
  expect(subscriber.deliveries).toHaveLength(2);
});

test('whoever joins gets what is delivered from then on, and whoever left gets nothing', async () => {
  const group = groupOf();
  const [early, leaving] = [join(group), join(group)];
  log.commit(1);
  await early.expectPlaces(1);
  leaving.leave();
  leaving.leave();
  const late = join(group);
  expect(group.size).toBe(2);
  log.commit(2);
  await early.expectPlaces(1, 2);
  expect([leaving.places, late.places]).toEqual([[1], [2]]);
  expect(leaving.ends).toEqual([]);
});

test('once the last subscriber has left, the group has left the event hub', async () => {
  const group = groupOf();
  const subscribers = [join(group), join(group)];
  expect(log.hub.openQueues).toBe(1);
  subscribers[0]?.leave();
  expect([log.hub.openQueues, empty]).toEqual([1, 0]);
  subscribers[1]?.leave();
  expect([log.hub.openQueues, empty]).toEqual([0, 1]);
  expect(subscribers.flatMap(({ ends }) => ends)).toEqual([]);
  await setImmediate();
  expect(empty).toBe(1);
});

describe('a group that ends', () => {
  test('because it fell behind the event hub, ends its subscribers', async () => {
    log = createTestHub(1);
    const group = groupOf();
    const subscriber = join(group);
    log.commit(1, 2, 3);
    await expect.poll(() => subscriber.ends).toMatchObject([{ code: 'SLOW_CONSUMER' }]);
    expect([group.size, log.hub.openQueues, empty]).toEqual([0, 0, 1]);
  });

  test('because the event hub has, ends its subscribers without an error', async () => {
    const group = groupOf();
    const subscriber = join(group);
    log.hub.close();
    await expect.poll(() => subscriber.ends).toEqual([undefined]);
    expect([group.size, log.hub.openQueues, empty]).toEqual([0, 0, 1]);
  });

  test('because an execution failed outside GraphQL, has delivered what came before', async () => {
    const error = new Error('no result');
    const group = groupOf(async (item) => {
      if (item.seq === 2) throw error;
      return resultOf(item);
    });
    const subscriber = join(group);
    log.commit(1);
    await subscriber.expectPlaces(1);
    log.commit(2, 3);
    await expect.poll(() => subscriber.ends).toEqual([error]);
    await setImmediate();
    expect([subscriber.places, log.hub.openQueues, empty]).toEqual([[1], 0, 1]);
  });
});

describe('bookmarks', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });

  test('say how far the log has come when nothing else has come for an interval', async () => {
    const subscriber = join(groupOf());
    log.pass(7);
    vi.advanceTimersByTime(1_000);
    await subscriber.expectPlaces(7);
    expect(subscriber.deliveries.flat()[0]?.changeSeq).toBeNull();
    log.commit(8);
    await subscriber.expectPlaces(7, 8);
    vi.advanceTimersByTime(1_000);
    vi.advanceTimersByTime(1_000);
    await subscriber.expectPlaces(7, 8, 8);
  });

  test('wait for a change that is still being executed', async () => {
    const execution = Promise.withResolvers<ExecutionResult>();
    let executed = 0;
    const subscriber = join(
      groupOf(async (item) => {
        executed += 1;
        return executed === 1 ? execution.promise : resultOf(item);
      }),
    );
    log.commit(1);
    await expect.poll(() => executed).toBe(1);
    log.pass(9);
    vi.advanceTimersByTime(5_000);
    execution.resolve(resultOf({ seq: 1 }));
    await subscriber.expectPlaces(1);
    vi.advanceTimersByTime(1_000);
    await subscriber.expectPlaces(1, 9);
  });

  test('come while changes that mean nothing keep coming, at the last that was looked at', async () => {
    const meanings = new Map<number, PromiseWithResolvers<readonly Sequenced[]>>();
    const group = groupOf(undefined, {
      meaningOf:
        ({ seq }) =>
        () => {
          const meaning = Promise.withResolvers<readonly Sequenced[]>();
          meanings.set(seq, meaning);
          return meaning.promise;
        },
    });
    const subscriber = join(group);
    log.commit(1, 2, 3, 4);
    await expect.poll(() => meanings.size).toBe(4);
    for (const seq of [1, 2, 3]) meanings.get(seq)?.resolve([]);
    await setImmediate();
    vi.advanceTimersByTime(1_000);
    meanings.get(4)?.resolve([]);
    await subscriber.expectPlaces(3);
    expect(subscriber.deliveries.flat()[0]?.changeSeq).toBeNull();
  });

  test('are none in a feed without them', async () => {
    const subscriber = join(groupOf(undefined, { bookmark: () => null }));
    vi.advanceTimersByTime(5_000);
    log.commit(1);
    await subscriber.expectPlaces(1);
  });
});

describe('W8: a group takes points for each event from its subscribers’ credentials', () => {
  const holderOf = (id: string): Viewer => ({ ...openViewer, credential: { id, keyId: id, expiresAtMs: null } });
  const [a, b] = [holderOf('a'), holderOf('b')];
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });

  test('in turn, and once for all that one credential has', async () => {
    const points = new FakePoints();
    const group = groupOf(undefined, {}, points);
    const subscribers = [join(group, a), join(group, a), join(group, b)];
    log.commit(1, 2, 3, 4);
    for (const subscriber of subscribers) await subscriber.expectPlaces(1, 2, 3, 4);
    expect([points.taken(a), points.taken(b)]).toEqual([200, 200]);
    subscribers[2]?.leave();
    log.commit(5);
    await expect.poll(() => points.taken(a)).toBe(300);
  });

  test('is paused while they have none, and goes on with all that came meanwhile', async () => {
    const points = new FakePoints(200);
    const subscriber = join(groupOf(undefined, {}, points), a);
    log.commit(1, 2, 3, 4);
    await subscriber.expectPlaces(1, 2);
    vi.advanceTimersByTime(10_000);
    await setImmediate();
    expect(subscriber.places).toEqual([1, 2]);
    points.give(a, 1_000);
    vi.advanceTimersByTime(10_000);
    await subscriber.expectPlaces(1, 2, 3, 4);
  });

  test('is not paused where one of several credentials has points', async () => {
    const points = new FakePoints(100);
    const group = groupOf(undefined, {}, points);
    const subscriber = join(group, a);
    points.charge(b, -1_000);
    join(group, b);
    log.commit(1, 2, 3, 4);
    await subscriber.expectPlaces(1, 2, 3, 4);
    expect(points.taken(a)).toBe(100);
  });

  test('judges no change while it is paused, and takes points for judging, too', async () => {
    const effort = new Effort();
    const meaningOf = vi.fn(() => {
      effort.add(1_000);
      return null;
    });
    const points = new FakePoints(150);
    join(groupOf(undefined, { effort, meaningOf }, points), a);
    log.commit(1, 2);
    expect(meaningOf).toHaveBeenCalledTimes(2);
    log.commit(3, 4, 5);
    expect(meaningOf).toHaveBeenCalledTimes(3);
    points.give(a, 10_000);
    vi.advanceTimersByTime(10_000);
    await expect.poll(() => meaningOf.mock.calls.length).toBe(5);
  });

  test('judges no change while it waits for its turn of the event loop', async () => {
    const turns: (() => void)[] = [];
    const meaningOf = vi.fn(({ seq }: Sequenced) => [{ seq }]);
    const pacer = createPacer((turn) => void turns.push(turn));
    await pacer.take('others', 1_000_000);
    const subscriber = join(groupOf(undefined, { meaningOf }, new FakePoints(), pacer), a);
    log.commit(1);
    await setImmediate();
    log.commit(2, 3);
    expect(meaningOf).toHaveBeenCalledTimes(1);
    while (subscriber.places.length < 3) {
      turns.shift()?.();
      await setImmediate();
    }
    expect(subscriber.places).toEqual([1, 2, 3]);
  });

  test('E5: ends with SLOW_CONSUMER where more changes come during a pause than may wait', async () => {
    log = createTestHub(3);
    const points = new FakePoints(100);
    const subscriber = join(groupOf(undefined, {}, points), a);
    log.commit(1);
    await subscriber.expectPlaces(1);
    log.commit(2, 3, 4, 5, 6);
    points.give(a, 10_000);
    vi.advanceTimersByTime(10_000);
    await expect.poll(() => subscriber.ends).toMatchObject([{ code: 'SLOW_CONSUMER' }]);
  });

  test('sends no bookmark that would skip the changes that wait', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
    const points = new FakePoints(100);
    const subscriber = join(groupOf(undefined, {}, points), a);
    log.commit(1);
    await subscriber.expectPlaces(1);
    log.commit(2, 3);
    await setImmediate();
    vi.advanceTimersByTime(5_000);
    await setImmediate();
    expect(subscriber.places).toEqual([1]);
  });
});

test('W3: a group of many subscribers, and one with much to execute, let other work have its turn', async () => {
  const group = groupOf();
  const subscribers = Array.from({ length: 12_000 }, () => join(group));
  let turns = 0;
  const count = () => {
    turns += 1;
    immediate = globalThis.setImmediate(count);
  };
  let immediate = globalThis.setImmediate(count);
  log.commit(...Array.from({ length: 300 }, (_, i) => i + 1));
  await subscribers.at(-1)?.expectPlaces(...Array.from({ length: 300 }, (_, i) => i + 1));
  clearImmediate(immediate);
  expect(turns).toBeGreaterThan(4);
  expect(subscribers[0]?.places).toEqual(subscribers.at(-1)?.places);
});
