import { expect, test } from 'vitest';
import { badUserInput, DomainError, notFound } from './errors.ts';

test('bad input names its place, from the operation’s arguments down', () => {
  const error = badUserInput(['filter', 'or', 2, 'name'], 'expected a text; got 5');
  expect(error).toBeInstanceOf(DomainError);
  expect(error.message).toBe('filter.or[2].name: expected a text; got 5');
  expect(error.details).toEqual({ path: ['filter', 'or', 2, 'name'] });
  expect(error.under('input', 0).message).toBe('input[0].filter.or[2].name: expected a text; got 5');
});

test('A3: what is not there and what may not be known of are told in one way', () => {
  expect(notFound('supervisor', 'x')).toMatchObject({ code: 'NOT_FOUND', message: 'no supervisor x', details: {} });
});
