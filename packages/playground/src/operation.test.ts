import { expect, test } from 'vitest';
import { operationOf, takesAfter } from './operation.ts';

const two = 'query A { a } mutation B { b }';

test.each([
  [two, 'B', 'B'],
  [two, null, undefined],
  [two, 'C', undefined],
  ['query A { a }', null, 'A'],
  ['query A { a } fragment F on T { a }', 'OfTheTabBefore', 'A'],
  ['query A {', 'A', undefined],
])('of %j with the name %j the operation %j is run', (query, name, expected) => {
  expect(operationOf(query, name)?.name?.value).toBe(expected);
});

test('a subscription with a variable $after can be resumed', () => {
  const takes = (query: string) => takesAfter(operationOf(query, null) ?? expect.fail(query));
  expect(takes('subscription ($after: Cursor) { a(after: $after) { cursor } }')).toBe(true);
  expect(takes('subscription { a { cursor } }')).toBe(false);
});
