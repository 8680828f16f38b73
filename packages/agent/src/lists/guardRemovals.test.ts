import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { wish } from '../../testing/supervise.ts';
import type { Wish } from '../plugin/wish.ts';
import { guardRemovals, type RemovalGuard } from './guardRemovals.ts';

const all = Array.from({ length: 6 }, (_, i) => wish(`plugin-${i}`));
const none: readonly Wish[] = [];
let wishes: readonly Wish[] | null;
let fetched: (() => Promise<readonly Wish[]>)[];
let guard: RemovalGuard;
let errors: unknown[];

beforeEach(() => {
  vi.useFakeTimers();
  wishes = all;
  fetched = [];
  errors = [];
  guard = guardRemovals({
    wishes: () => wishes,
    accept: async (list) => {
      wishes = list;
    },
    fetchAgain: () => fetched.shift()?.() ?? Promise.reject(new Error('nothing more is fetched')),
    maxRemovalShare: 0.5,
    onHold: () => {},
    onError: (error) => errors.push(error),
  });
});
afterEach(() => {
  guard.close();
  vi.useRealTimers();
});

describe('a list that removes much (G6)', () => {
  it('is held for 60 s, and counts once a second one agrees', async () => {
    fetched.push(async () => none);
    await guard.take(none);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(wishes?.length).toBe(6);
    expect(guard.heldSinceMs).not.toBeNull();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wishes).toEqual([]);
    expect(guard.heldSinceMs).toBeNull();
  });

  it('is forgotten where the second one has the plugins', async () => {
    fetched.push(async () => all);
    await guard.take(none);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(wishes).toEqual(all);
  });

  it('is held anew where the second one removes others', async () => {
    fetched.push(
      async () => all.slice(0, 2),
      async () => all.slice(0, 2),
    );
    await guard.take(all.slice(4));
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wishes?.length).toBe(6);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(wishes).toEqual(all.slice(0, 2));
  });

  it('stays held while the second one can not be fetched', async () => {
    fetched.push(
      () => Promise.reject(new Error('away')),
      async () => none,
    );
    await guard.take(none);
    await vi.advanceTimersByTimeAsync(119_000);
    expect(errors).toHaveLength(1);
    expect(wishes?.length).toBe(6);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(wishes).toEqual([]);
  });

  it('has its other changes at once: what is new, and what is to be recovered', async () => {
    await guard.take([wish('plugin-0', { generation: 2 }), wish('new')]);
    expect(wishes?.map(({ pluginId, generation }) => `${pluginId} g${generation}`)).toEqual([
      'plugin-0 g2',
      'new g1',
      'plugin-1 g1',
      'plugin-2 g1',
      'plugin-3 g1',
      'plugin-4 g1',
      'plugin-5 g1',
    ]);
  });

  it('is overtaken by a list that came while the second one was fetched', async () => {
    const answer = Promise.withResolvers<readonly Wish[]>();
    fetched.push(() => answer.promise);
    await guard.take(none);
    await vi.advanceTimersByTimeAsync(60_000);
    await guard.take(all);
    answer.resolve(none);
    await vi.advanceTimersByTimeAsync(120_000);
    expect(wishes).toEqual(all);
  });
});

describe('a list counts at once', () => {
  it.each([
    ['half of the plugins go', 6, 3],
    ['fewer than 4 are there, whatever goes', 3, 0],
    ['a plugin is added', 6, 7],
  ])('where %s', async (_, before, after) => {
    const many = Array.from({ length: 7 }, (_each, i) => wish(`plugin-${i}`));
    wishes = many.slice(0, before);
    await guard.take(many.slice(0, after));
    expect(wishes).toEqual(many.slice(0, after));
  });

  it('where none has counted before', async () => {
    wishes = null;
    await guard.take(none);
    expect(wishes).toEqual([]);
  });
});
