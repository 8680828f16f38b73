import { expect, test } from 'vitest';
import { createAddressRate } from './addressRate.ts';

test('W11: an address has its burst, then its rate, whatever others take; waiting says how long', () => {
  let nowMs = 0;
  const rate = createAddressRate({ burst: 20, perSecond: 20 / 60 }, () => nowMs);
  const take = (count: number, key: string) => Array.from({ length: count }, () => rate.take(key));
  expect(take(20, 'a')).toEqual(Array(20).fill(0));
  expect(take(2, 'a')).toEqual([3_000, 3_000]);
  expect(take(2, 'b')).toEqual([0, 0]);
  nowMs = 3_000;
  expect(take(2, 'a')).toEqual([0, 3_000]);
  nowMs = 10 * 60_000;
  expect(take(21, 'a')).toEqual([...Array(20).fill(0), 3_000]);
});

test('an address that takes nothing while it has nothing is not made to wait longer by asking', () => {
  let nowMs = 0;
  const rate = createAddressRate({ burst: 1, perSecond: 1 }, () => nowMs);
  rate.take('a');
  for (nowMs = 0; nowMs < 1_000; nowMs += 125) expect(rate.take('a')).toBe(1_000 - nowMs);
  expect(rate.take('a')).toBe(0);
});

test('a token that is given back can be taken again, and an address is full once it has all', () => {
  let nowMs = 0;
  const rate = createAddressRate({ burst: 2, perSecond: 1 }, () => nowMs);
  expect(rate.isFull('a')).toBe(true);
  rate.take('a');
  rate.take('a');
  rate.giveBack('a');
  expect([rate.isFull('a'), rate.take('a'), rate.take('a')]).toEqual([false, 0, 1_000]);
  nowMs = 2_000;
  expect(rate.isFull('a')).toBe(true);
  rate.giveBack('a');
  expect([rate.take('a'), rate.take('a'), rate.take('a')]).toEqual([0, 0, 1_000]);
});
