import { expect, test } from 'vitest';
import { createNamedStatements } from './statements.ts';

test('a statement gets a name once it has been asked for often, and keeps it', () => {
  const { named } = createNamedStatements();
  const asked = Array.from({ length: 6 }, () => named('SELECT 1'));
  expect(asked.slice(0, 4)).toEqual(Array(4).fill('SELECT 1'));
  expect(asked[4]).toEqual({ name: expect.stringMatching(/^made_[0-9a-f]{32}$/), text: 'SELECT 1' });
  expect(asked[5]).toBe(asked[4]);
});

test('only so many statements get names, and none that is very long, since each connection keeps their plans', () => {
  const { named } = createNamedStatements();
  const often = (text: string) => Array.from({ length: 5 }, () => named(text)).at(-1);
  expect(typeof often('x'.repeat(20_001))).toBe('string');
  const given = Array.from({ length: 150 }, (_, i) => often(`SELECT ${i}`)).filter((one) => typeof one === 'object');
  expect(given).toHaveLength(100);
});
