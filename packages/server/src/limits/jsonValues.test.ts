import { expect, test } from 'vitest';
import { hasMoreValues } from './jsonValues.ts';

const has = (value: unknown, most: number) => hasMoreValues(Buffer.from(JSON.stringify(value)), most);

test('W7: a text of more values than allowed is told without parsing', () => {
  expect(has(Array(100).fill(0), 98)).toBe(true);
  expect(has(Array(100).fill({ a: 0 }), 98)).toBe(true);
  expect(has(Array(100).fill(0), 99)).toBe(false);
});

test('W7: commas in strings are no values, whatever is escaped in them', () => {
  expect(has([',,,,,', '\\', '",",",', '\\",'], 3)).toBe(false);
  expect(has([',,,,,', '\\', '",",",', '\\",'], 2)).toBe(true);
});
