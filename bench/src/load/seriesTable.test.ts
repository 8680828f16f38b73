import { describe, expect, it } from 'vitest';
import type { MeasuredLoad } from './measuredLoad.ts';
import { formatSeries } from './seriesTable.ts';

function round(requestsASecond: number): MeasuredLoad {
  const fixed = { requests: 1, seconds: 1, errors: 0, p50Ms: 1.5, p99Ms: 20, serverMicros: 300, databaseMicros: 400 };
  return { ...fixed, loadMicros: 50, residentBytes: 123e6, requestsASecond };
}

describe('the table of a load', () => {
  const words = { line: 'server', unit: 'request', base: 'limit', baseLabel: 'limit' };
  const course = (name: string, rates: number[]) => ({ way: { name, label: name }, rounds: rates.map(round) });
  const limit = course('limit', [2_000, 1_000, 9_000]);
  const other = course('other', [1_500, 1_000, 3_000]);

  it('has medians, and compares them with the limit', () => {
    expect(formatSeries([limit, other], words).split('\n')[3]?.split(/ {2,}/)).toEqual([
      'other',
      '1,500 (1,000..3,000)',
      '0.75',
      '1.5',
      '20',
      '300',
      '400',
      '123',
    ]);
  });

  it('compares nothing where the limit was left out', () => {
    expect(formatSeries([other], words)).toContain(' -  ');
  });
});
