import { buildSchema, execute, type GraphQLSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { locateLiterals, locateVariables } from './inputErrorPaths.ts';

const schema: GraphQLSchema = buildSchema(`
  input Inner { number: Int! list: [Int!] inner: Inner }
  type Query { field(first: Int, inner: Inner, list: [Inner!]): Int other(id: ID!): Int }
  type Subscription { stream(inner: Inner): Int }
`);

/** The paths that the errors of a document have, in their order. */
function literalPaths(query: string): unknown[] {
  const document = parse(query);
  const errors = validate(schema, document);
  expect(errors.length).toBeGreaterThan(0);
  return locateLiterals(errors, document).map(({ extensions }) => extensions.path);
}

/** The paths that the errors about variables have, in their order. */
async function variablePaths(query: string, variables: Record<string, unknown>): Promise<unknown[]> {
  const document = parse(query);
  const { errors = [] } = await execute({ schema, document, variableValues: variables });
  const located = locateVariables(errors, schema, { document, request: { query, variables } });
  return located.map(({ extensions }) => extensions.path);
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

  test('W7: all errors of a document get their paths in one walk, which ends at the last of them', () => {
    const wrong = (count: number) => Array.from({ length: count }, (_, i) => `f${i}: field(first: "x")`).join(' ');
    const visitsOf = (query: string) => {
      const document = parse(query);
      let visits = 0;
      const located = locateLiterals(validate(schema, document), document, () => {
        visits += 1;
      });
      expect(located.every(({ extensions }) => Array.isArray(extensions.path))).toBe(true);
      return visits;
    };
    const right = Array.from({ length: 500 }, (_, i) => `g${i}: field(first: 1)`).join(' ');
    // A field is 5 nodes: itself, its alias and name, the argument and its name. The value is the sixth.
    expect(visitsOf(`{ ${wrong(50)} ${right} }`)).toBe(3 + 50 * 6);
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

  test('W7: no more paths are looked for than there are errors, which are few', async () => {
    const list = Array.from({ length: 10_000 }, () => 'x');
    const document = parse(query.replace('other(id: $c)', 'again: field(first: $c)'));
    const variables = { a: 1, b: { number: 1, list } };
    const options = { maxCoercionErrors: 3 };
    const { errors = [] } = await execute({ schema, document, variableValues: variables, options });
    const located = locateVariables(errors, schema, { document, request: { query, variables } });
    expect(located.map(({ extensions }) => extensions.path)).toEqual([0, 1, 2, 3].map((i) => ['b', 'list', i]));
  });

  test('and what is right has none', async () => {
    const single = query.replace('other(id: $c)', 'again: field(first: $c)');
    expect(await variablePaths(single, { a: 1, b: { number: 2, inner: null } })).toEqual([]);
  });
});
