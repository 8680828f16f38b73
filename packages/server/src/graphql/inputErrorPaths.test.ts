import { buildSchema, type GraphQLError, type GraphQLSchema, parse, validate } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import { useInputPaths } from './inputErrorPaths.ts';

const schema: GraphQLSchema = buildSchema(`
  input Inner { number: Int! list: [Int!] inner: Inner }
  type Query { field(first: Int, inner: Inner, list: [Inner!]): Int other(id: ID!): Int }
  type Subscription { stream(inner: Inner): Int }
`);
const yoga = createYoga({ schema, plugins: [useInputPaths()], maskedErrors: false, logging: false });

/** The paths that the errors of a document have, in their order. */
function literalPaths(query: string): unknown[] {
  const { validate: withPaths } = yoga.getEnveloped();
  const document = parse(query);
  expect(validate(schema, document).length).toBeGreaterThan(0);
  return withPaths(schema, document).map((error: GraphQLError) => error.extensions.path);
}

async function variablePaths(query: string, variables: Record<string, unknown>): Promise<unknown[]> {
  const response = await yoga.fetch('http://muster/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { errors } = (await response.json()) as { errors?: { extensions?: { path?: unknown } }[] };
  return (errors ?? []).map(({ extensions }) => extensions?.path);
}

describe('a literal that GraphQL refuses has the path from the arguments down', () => {
  test.each<[string, unknown[]]>([
    ['{ field(first: "x") }', [['first']]],
    ['{ field(inner: {number: "x"}) }', [['inner', 'number']]],
    [
      '{ field(inner: {number: 1, list: [1, "x", 3, true]}) }',
      [
        ['inner', 'list', 1],
        ['inner', 'list', 3],
      ],
    ],
    ['{ field(list: [{number: 1}, {number: 1, inner: {number: null}}]) }', [['list', 1, 'inner', 'number']]],
    ['{ a: field(first: 1) b: field(first: "x") }', [['first']]],
    ['{ field(first: 1) ...F } fragment F on Query { other(id: 1.5) }', [['id']]],
    ['{ field(inner: {list: []}) }', [['inner']]],
    ['{ field(inner: {number: 1, nope: 2}) }', [['inner', 'nope']]],
    ['subscription { stream(inner: {number: "x"}) }', [['inner', 'number']]],
  ])('%s', (query, paths) => {
    expect(literalPaths(query)).toEqual(paths);
  });

  test('and an error that is about no input has none', () => {
    expect(literalPaths('{ nope }')).toEqual([undefined]);
  });
});

describe('a variable that GraphQL refuses has the path from the variables down', () => {
  const query = 'query ($a: Int!, $b: Inner, $c: Int! = 3) { field(first: $a, inner: $b) other(id: $c) }';
  const valid = { a: 1 };
  test.each<[Record<string, unknown>, unknown[]]>([
    [{}, [['a']]],
    [{ a: null }, [['a']]],
    [{ a: 'x' }, [['a']]],
    [{ ...valid, b: { number: 'x' } }, [['b', 'number']]],
    [{ ...valid, b: { number: 1, inner: { number: 1, list: [1, null] } } }, [['b', 'inner', 'list', 1]]],
    [{ ...valid, b: {} }, [['b']]],
    [{ ...valid, b: { number: 1, nope: 1 } }, [['b']]],
    [{ ...valid, c: null }, [['c']]],
    [{ a: 'x', b: { number: 'y', list: ['z'] } }, [['a'], ['b', 'number'], ['b', 'list', 0]]],
  ])('%j', async (variables, paths) => {
    const single = query.replace('other(id: $c)', 'again: field(first: $c)');
    expect(await variablePaths(single, variables)).toEqual(paths);
  });

  test('and what is right has none', async () => {
    const single = query.replace('other(id: $c)', 'again: field(first: $c)');
    expect(await variablePaths(single, { a: 1, b: { number: 2, inner: null } })).toEqual([]);
  });
});
