import { expect, test } from 'vitest';
import { createNamedStatements, type NamedStatements } from './statements.ts';

const use = (statements: NamedStatements, text: string, tenant: string) =>
  Array.from({ length: 5 }, () => statements.named(text, tenant)).at(-1);
const hasName = (statement: unknown) => typeof statement === 'object';

test('a statement gets a name once it has been used often, and keeps it', () => {
  const statements = createNamedStatements();
  const used = Array.from({ length: 6 }, () => statements.named('SELECT 1', 'd'));
  expect(used.slice(0, 4)).toEqual(Array(4).fill('SELECT 1'));
  expect(used[4]).toEqual({ name: expect.stringMatching(/^made_[0-9a-f]{32}$/), text: 'SELECT 1' });
  expect(used[5]).toBe(used[4]);
});

test('a very long statement gets none', () => {
  expect(use(createNamedStatements(), 'x'.repeat(20_001), 'd')).toBe('x'.repeat(20_001));
});

test('W12: a tenant has so many names; those that it used least recently go', () => {
  const statements = createNamedStatements();
  for (let i = 0; i < 30; i++) expect(hasName(use(statements, `SELECT ${i}`, 'd'))).toBe(true);
  const left = Array.from({ length: 30 }, (_, i) => hasName(statements.named(`SELECT ${i}`, 'd')));
  expect(left).toEqual(Array.from({ length: 30 }, (_, i) => i >= 10));
});

test('W12: made-up statements of one tenant take no name of another', () => {
  const statements = createNamedStatements();
  use(statements, 'SELECT mine', 'innocent');
  for (let i = 0; i < 3_000; i++) use(statements, `SELECT ${i}`, 'hostile');
  expect(hasName(statements.named('SELECT mine', 'innocent'))).toBe(true);
  expect(hasName(use(statements, 'SELECT new', 'innocent'))).toBe(true);
});

test('W12: what several tenants use has one name for all, which no tenant alone can take', () => {
  const statements = createNamedStatements();
  const first = use(statements, 'SELECT common', 'a');
  expect(use(statements, 'SELECT common', 'b')).toEqual(first);
  for (let i = 0; i < 3_000; i++) use(statements, `SELECT ${i}`, 'hostile');
  expect(statements.named('SELECT common', 'a newcomer')).toEqual(first);
});
