import { badUserInput, DomainError, errorCodes } from '@muster/core';
import { GraphQLError, parse, Source } from 'graphql';
import { describe, expect, test } from 'vitest';
import { toClientError } from './clientError.ts';

/** The client's part of an error, and the reported part. */
function masked(error: unknown) {
  const reported: [id: string, error: unknown][] = [];
  const result = toClientError(error, (id, cause) => reported.push([id, cause]));
  return { result, reported };
}

const located = (cause: Error) =>
  new GraphQLError(cause.message, { path: ['a', 0], nodes: parse('{ a }').definitions, originalError: cause });

describe('a refusal is passed on as it is', () => {
  test.each(errorCodes)('%s, with its details', (code) => {
    const { result, reported } = masked(located(new DomainError(code, 'words for the client', { some: 'detail' })));
    expect(result.toJSON()).toMatchObject({
      message: 'words for the client',
      path: ['a', 0],
      extensions: { code, some: 'detail' },
    });
    expect(reported).toEqual([]);
  });

  test("an input's path", () => {
    const { result } = masked(located(badUserInput(['input', 'plugins', 3, 'name'], 'expected less')));
    expect(result.message).toBe('input.plugins[3].name: expected less');
    expect(result.extensions).toEqual({ code: 'BAD_USER_INPUT', path: ['input', 'plugins', 3, 'name'] });
  });

  test('details never override the code', () => {
    const { result } = masked(new DomainError('NOT_FOUND', 'no', { code: 'FORBIDDEN' }));
    expect(result.extensions.code).toBe('NOT_FOUND');
  });

  test('however often GraphQL has wrapped it', () => {
    const { result } = masked(located(located(new DomainError('FORBIDDEN', 'no'))));
    expect(result.extensions).toEqual({ code: 'FORBIDDEN' });
  });

  test('a second masking changes nothing and reports nothing', () => {
    const first = masked(new Error('internal')).result;
    const { result, reported } = masked(first);
    expect(result).toBe(first);
    expect(reported).toEqual([]);
  });
});

describe("GraphQL's own errors are BAD_USER_INPUT", () => {
  test('with the place in the document, and not what other libraries have put into them', () => {
    const source = new Source('{ nope }');
    const error = new GraphQLError('no such field', {
      source,
      positions: [2],
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED', secret: 'x', http: { status: 400 }, path: ['a'] },
    });
    const { result, reported } = masked(error);
    expect(result.toJSON()).toEqual({
      message: 'no such field',
      locations: [{ line: 1, column: 3 }],
      extensions: { code: 'BAD_USER_INPUT', http: { status: 400 }, path: ['a'] },
    });
    expect(reported).toEqual([]);
  });

  test('a message that quotes all that came is cut', () => {
    expect(masked(new GraphQLError('x'.repeat(5_000))).result.message).toBe(`${'x'.repeat(1_000)}...`);
  });
});

describe('nothing of any other error reaches a client but the id that it was reported under', () => {
  const secret = 'relation "leases" at 10.0.0.1';
  test.each<[string, unknown]>([
    ['an error', new Error(secret)],
    ['a located error', located(new TypeError(secret))],
    ['an error with a code of another library', Object.assign(new Error(secret), { code: 'NOT_FOUND', status: 404 })],
    ['an error that calls itself a DomainError', Object.assign(new Error(secret), { name: 'DomainError' })],
    ['an error with a cause', new Error('outer', { cause: new Error(secret) })],
    ['several errors', new AggregateError([new Error(secret)], secret)],
    ['a text', secret],
    ['an object', { message: secret }],
    ['null', null],
    ['undefined', undefined],
  ])('%s', (_title, error) => {
    const { result, reported } = masked(error);
    expect(reported).toHaveLength(1);
    const [[id, cause] = []] = reported;
    expect(result.message).toBe(`an internal error; it was logged as ${id}`);
    expect(result.extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', errorId: id });
    expect(JSON.stringify(result)).not.toContain('leases');
    expect(result.originalError).toBeUndefined();
    expect(cause).toBe(error instanceof GraphQLError ? error.originalError : error);
  });

  test('each has an id of its own', () => {
    expect(masked(new Error('a')).reported[0]?.[0]).not.toBe(masked(new Error('a')).reported[0]?.[0]);
  });
});

test.each([
  Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' }),
  Object.assign(new Error('terminating connection due to administrator command'), { code: '57P01' }),
  new Error('Connection terminated unexpectedly'),
])('a database that is not there is UNAVAILABLE, without its address: %s', (error) => {
  const { result, reported } = masked(located(error));
  expect(result.extensions).toEqual({ code: 'UNAVAILABLE' });
  expect(result.message).toBe('the database can not be reached at present; try again');
  expect(reported).toEqual([['unavailable', error]]);
});
