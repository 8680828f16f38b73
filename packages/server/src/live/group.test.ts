import { setImmediate } from 'node:timers/promises';
import type { Sequenced } from '@muster/core';
import type { ExecutionResult } from 'graphql';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createFakeCore, createFakeFeed, type FakeCore } from '../../testing/fakeCore.ts';
import { createGroup, type Payload, type SubscriptionGroup } from './group.ts';

let fake: FakeCore;
let empty: number;
beforeEach(() => {
  fake = createFakeCore();
  empty = 0;
});
afterEach(() => {
  vi.useRealTimers();
});

const resultOf = ({ seq }: Sequenced): ExecutionResult => ({ data: { seq } });

function groupOf(
  execute: (item: Sequenced) => Promise<ExecutionResult> = async (item) => resultOf(item),
): SubscriptionGroup {
  return createGroup({
    core: fake.core,
    feed: createFakeFeed(),
    execute,
    bookmarkIntervalMs: 1_000,
    onEmpty: () => {
      empty += 1;
    },
  });
}

/** A member that keeps what it is given. */
function join(group: SubscriptionGroup) {
  const deliveries: (readonly Payload[])[] = [];
  const ends: unknown[] = [];
  const leave = group.join({
    deliver: (payloads) => void deliveries.push(payloads),
    end: (error) => void ends.push(error),
  });
  return {
    leave,
    deliveries,
    ends,
    get places() {
      return deliveries.flat().map(({ seq }) => seq);
    },
    /** Waits until so many payloads have come. */
    expectPlaces: (...places: number[]) =>
      vi.waitFor(() => expect(deliveries.flat().map(({ seq }) => seq)).toEqual(places)),
  };
}

test('payloads leave in the order of the changes, whichever execution ends first', async () => {
  const executions = new Map<number, PromiseWithResolvers<ExecutionResult>>();
  const group = groupOf(({ seq }) => {
    const execution = Promise.withResolvers<ExecutionResult>();
    executions.set(seq, execution);
    return execution.promise;
  });
  const member = join(group);
  fake.offer(1, 2, 3);
  await vi.waitFor(() => expect(executions.size).toBe(3));
  for (const seq of [3, 2]) executions.get(seq)?.resolve(resultOf({ seq }));
  await setImmediate();
  expect(member.places).toEqual([]);
  executions.get(1)?.resolve(resultOf({ seq: 1 }));
  await member.expectPlaces(1, 2, 3);
  expect(member.deliveries.flat().map(({ text }) => String(text))).toEqual(
    [1, 2, 3].map((seq) => `{"data":{"seq":${seq}}}`),
  );
  // One that is behind doesn't hold up what comes later for good.
  fake.offer(4);
  await vi.waitFor(() => expect(executions.size).toBe(4));
  executions.get(4)?.resolve(resultOf({ seq: 4 }));
  await member.expectPlaces(1, 2, 3, 4);
});

test('a change is executed and serialised once for all members, who get the same payloads', async () => {
  const execute = vi.fn(async (item: Sequenced) => resultOf(item));
  const group = groupOf(execute);
  const members = Array.from({ length: 20 }, () => join(group));
  fake.offer(1, 2);
  for (const member of members) await member.expectPlaces(1, 2);
  expect(execute).toHaveBeenCalledTimes(2);
  expect(new Set(members.flatMap(({ deliveries }) => deliveries.flat()))).toHaveLength(2);
});

test('what comes about in one turn is delivered together', async () => {
  const member = join(groupOf());
  fake.offer(1, 2, 3);
  await member.expectPlaces(1, 2, 3);
  expect(member.deliveries).toHaveLength(1);
  fake.offer(4);
  await member.expectPlaces(1, 2, 3, 4);
  expect(member.deliveries).toHaveLength(2);
});

test('whoever joins gets what is delivered from then on, and whoever left gets nothing', async () => {
  const group = groupOf();
  const [early, leaving] = [join(group), join(group)];
  fake.offer(1);
  await early.expectPlaces(1);
  leaving.leave();
  leaving.leave();
  const late = join(group);
  expect(group.size).toBe(2);
  fake.offer(2);
  await early.expectPlaces(1, 2);
  expect([leaving.places, late.places]).toEqual([[1], [2]]);
  expect(leaving.ends).toEqual([]);
});

test('once the last member has left, the group has left the event hub', async () => {
  const group = groupOf();
  const members = [join(group), join(group)];
  expect(fake.core.hub.subscriptions).toBe(1);
  members[0]?.leave();
  expect([fake.core.hub.subscriptions, empty]).toEqual([1, 0]);
  members[1]?.leave();
  expect([fake.core.hub.subscriptions, empty]).toEqual([0, 1]);
  expect(members.flatMap(({ ends }) => ends)).toEqual([]);
  await setImmediate();
  expect(empty).toBe(1);
});

describe('a group that ends', () => {
  test('because the event hub has, ends its members', async () => {
    const group = groupOf();
    const member = join(group);
    const error = new Error('the hub failed');
    fake.fail(error);
    await vi.waitFor(() => expect(member.ends).toEqual([error]));
    expect([group.size, fake.core.hub.subscriptions, empty]).toEqual([0, 0, 1]);
  });

  test('because an execution failed outside GraphQL, has delivered what came before', async () => {
    const error = new Error('no result');
    const group = groupOf(async (item) => {
      if (item.seq === 2) throw error;
      return resultOf(item);
    });
    const member = join(group);
    fake.offer(1);
    await member.expectPlaces(1);
    fake.offer(2, 3);
    await vi.waitFor(() => expect(member.ends).toEqual([error]));
    await setImmediate();
    expect([member.places, fake.core.hub.subscriptions, empty]).toEqual([[1], 0, 1]);
  });
});

describe('bookmarks', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  });

  test('say how far the log has come when nothing else has come for an interval', async () => {
    const member = join(groupOf());
    fake.pass(7);
    vi.advanceTimersByTime(1_000);
    await member.expectPlaces(7);
    expect(member.deliveries.flat()[0]?.change).toBeNull();
    fake.offer(8);
    await member.expectPlaces(7, 8);
    vi.advanceTimersByTime(1_000);
    vi.advanceTimersByTime(1_000);
    await member.expectPlaces(7, 8, 8);
  });

  test('wait for a change that is still being executed', async () => {
    const execution = Promise.withResolvers<ExecutionResult>();
    let executed = 0;
    const member = join(
      groupOf(async (item) => {
        executed += 1;
        return executed === 1 ? execution.promise : resultOf(item);
      }),
    );
    fake.offer(1);
    await vi.waitFor(() => expect(executed).toBe(1));
    fake.pass(9);
    vi.advanceTimersByTime(5_000);
    execution.resolve(resultOf({ seq: 1 }));
    await member.expectPlaces(1);
    vi.advanceTimersByTime(1_000);
    await member.expectPlaces(1, 9);
  });

  test('come while changes that mean nothing keep coming, at the last that was looked at', async () => {
    const meanings = new Map<number, PromiseWithResolvers<readonly Sequenced[]>>();
    const group = createGroup({
      core: fake.core,
      feed: createFakeFeed({
        itemsOf: ({ seq }) => {
          const meaning = Promise.withResolvers<readonly Sequenced[]>();
          meanings.set(seq, meaning);
          return meaning.promise;
        },
      }),
      execute: async (item) => resultOf(item),
      bookmarkIntervalMs: 1_000,
      onEmpty: () => {},
    });
    const member = join(group);
    fake.offer(1, 2, 3, 4);
    await vi.waitFor(() => expect(meanings.size).toBe(4));
    for (const seq of [1, 2, 3]) meanings.get(seq)?.resolve([]);
    await setImmediate();
    vi.advanceTimersByTime(1_000);
    meanings.get(4)?.resolve([]);
    await member.expectPlaces(3);
    expect(member.deliveries.flat()[0]?.change).toBeNull();
  });

  test('are none in a feed without them', async () => {
    const group = createGroup({
      core: fake.core,
      feed: createFakeFeed({ bookmark: () => null }),
      execute: async (item) => resultOf(item),
      bookmarkIntervalMs: 1_000,
      onEmpty: () => {},
    });
    const member = join(group);
    vi.advanceTimersByTime(5_000);
    fake.offer(1);
    await member.expectPlaces(1);
  });
});
