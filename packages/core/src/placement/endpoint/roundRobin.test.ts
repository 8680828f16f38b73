import { expect, test } from 'vitest';
import { createRoundRobin } from './roundRobin.ts';

test('each of several comes in its turn, whatever is asked for in between (M4)', () => {
  const turns = createRoundRobin();
  const taken = [0, 1, 2, 3, 4, 5].map(() => {
    turns.next('another', 2);
    return turns.next('collector', 3);
  });
  expect(taken).toEqual([0, 1, 2, 0, 1, 2]);
});

test('a turn is within those that are there now, though there were more', () => {
  const turns = createRoundRobin();
  expect([4, 4, 4, 1, 2].map((count) => turns.next('collector', count))).toEqual([0, 1, 2, 0, 1]);
});
