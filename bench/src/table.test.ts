import { describe, expect, it } from 'vitest';
import { formatFigure, formatTable } from './table.ts';

describe('a table', () => {
  it('has names flush left and figures flush right', () => {
    const rows = [
      ['limit', '8.94'],
      ['a longer name', '137,000'],
    ];
    expect(formatTable(['server', 'us'], rows).split('\n')).toEqual([
      'server              us',
      '-------------  -------',
      'limit             8.94',
      'a longer name  137,000',
    ]);
  });

  it.each([
    [8.9432, '8.94'],
    [137_412, '137,000'],
    [0, '0'],
    [Number.NaN, '-'],
  ])('shows %d as %s', (value, text) => {
    expect(formatFigure(value)).toBe(text);
  });
});
