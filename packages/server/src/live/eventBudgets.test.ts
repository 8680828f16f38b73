import { openViewer, type Viewer } from '@muster/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { FakePoints } from '../../testing/fakePoints.ts';
import { EventBudgets } from './eventBudgets.ts';

const holderOf = (id: string): Viewer => ({ ...openViewer, credential: { id, keyId: id, expiresAtMs: null } });
const [a, b] = [holderOf('a'), holderOf('b')];

let points: FakePoints;
let budgets: EventBudgets;
let paused: string[];
let resumed: string[];
beforeEach(() => {
  vi.useFakeTimers();
  points = new FakePoints(100);
  paused = [];
  resumed = [];
  budgets = new EventBudgets({ points, onPause: ({ credential }) => paused.push(credential?.id ?? '') });
});
afterEach(() => {
  vi.useRealTimers();
});

const wait = (viewer: Viewer, needed: number) =>
  void budgets.wait(viewer, needed).then(() => resumed.push(`${viewer.credential?.id} ${needed}`));

describe('W8: while a credential has no points', () => {
  beforeEach(() => points.charge(a, 100));

  test('the group that needs the most waits longest, and of equal ones the one that came last', async () => {
    for (const needed of [50, 10, 80, 10]) wait(a, needed);
    expect([budgets.paused, paused]).toEqual([4, ['a', 'a', 'a', 'a']]);
    points.give(a, 15);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(resumed).toEqual(['a 10', 'a 10']);
    expect(points.taken(a)).toBe(105);
    points.give(a, 100);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(resumed).toEqual(['a 10', 'a 10', 'a 50', 'a 80']);
    expect(budgets.paused).toBe(0);
  });

  test('another credential’s groups don’t wait', async () => {
    wait(a, 10);
    expect([budgets.pausedMs(a) > 0, budgets.pausedMs(b)]).toEqual([true, 0]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(resumed).toEqual([]);
  });

  test('its other work waits behind the groups that wait already', () => {
    wait(a, 10);
    points.give(a, 50);
    expect(budgets.pausedMs(a)).toBeGreaterThan(0);
  });
});
