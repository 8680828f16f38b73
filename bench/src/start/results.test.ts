import { expect, test } from 'vitest';
import { formatStarts } from './results.ts';

const course = (name: string, times: number[], loadedBytes = 200e6) => ({
  way: { name, label: name },
  rounds: times.map((firstAnswerMs) => ({ firstAnswerMs, idleBytes: 100e6, loadedBytes })),
});
const cells = (table: string, line: number) => table.split('\n')[line]?.split(/ {2,}/);

test('the table has medians, beside those of Mercurius', () => {
  const table = formatStarts([course('muster', [900, 3_000, 1_000], 150e6), course('mercurius', [500, 500, 600])]);
  expect(cells(table, 2)).toEqual(['muster', '1,000 (900..3,000)', '2.00', '100', '1.00', '150', '0.75']);
});

test('the table compares nothing with a Mercurius that was left out, and has no memory after a load that there was not', () => {
  const table = formatStarts([course('embedded-new', [2_000], Number.NaN)]);
  expect(cells(table, 2)).toEqual(['embedded-new', '2,000 (2,000..2,000)', '-', '100', '-', '-', '-']);
});
