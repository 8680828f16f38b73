import { describe, expect, it } from 'vitest';
import { createSchedule } from './schedule.ts';

describe('a schedule', () => {
  it('has every agent publish once an interval, in order, always at the same moment of it', () => {
    const moments = [0.5, 0.1, 0.9].values();
    const schedule = createSchedule(3, 1_000, () => moments.next().value ?? 0);
    const turns = [0, 1, 2, 3, 4, 5];
    expect(turns.map(schedule.dueMs)).toEqual([100, 500, 900, 1_100, 1_500, 1_900]);
    expect(turns.map(schedule.agentOf)).toEqual([0, 1, 2, 0, 1, 2]);
  });
});
