import { describe, expect, it } from 'vitest';
import type { Report } from '../reports/report.ts';
import { createReporters } from './reporters.ts';

describe('reporters', () => {
  it('say the same until a change is asked for, each for itself', () => {
    const reporters = createReporters('bare', 2, 2);
    const says = (supervisor: number, isChange: boolean) => {
      const report: Report = JSON.parse(reporters.next(supervisor, isChange));
      return report.plugins.map(({ state }) => state);
    };
    expect(says(1, false)).toEqual(['ACTIVE', 'ACTIVE']);
    expect(says(1, true)).toEqual(['ACTIVE', 'ERROR']);
    expect(says(1, false)).toEqual(['ACTIVE', 'ERROR']);
    expect(says(0, false)).toEqual(['ACTIVE', 'ACTIVE']);
    expect(says(1, true)).toEqual(['ACTIVE', 'ACTIVE']);
  });
});
