import { describe, expect, it } from 'vitest';
import type { MeasuredLoad } from '../load/measuredLoad.ts';
import { formatSeries } from './table.ts';

function round(requestsASecond: number): MeasuredLoad {
  const fixed = { requests: 1, seconds: 1, errors: 0, p50Ms: 1.5, p99Ms: 20, serverMicros: 300, databaseMicros: 400 };
  return { ...fixed, requestsASecond };
}

describe('the table of publish', () => {
  const limit = { label: 'limit', rounds: [round(2_000), round(1_000), round(9_000)] };
  const other = { label: 'other', rounds: [round(1_500), round(1_000), round(3_000)] };

  it('has medians, and compares them with the limit', () => {
    expect(formatSeries([limit, other], limit).split('\n')[3]?.split(/ {2,}/)).toEqual([
      'other',
      '1,500 (1,000..3,000)',
      '0.75',
      '1.5',
      '20',
      '300',
      '400',
    ]);
  });

  it('compares nothing where the limit was left out', () => {
    expect(formatSeries([other], undefined)).toContain(' -  ');
  });
});
