import { buildSchema as buildSdl, execute, type GraphQLSchema, getOperationAST, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createOperationPreparer } from './preparedOperations.ts';

const sdl = `
  enum Mood { GOOD BAD }
  input Inner { number: Int! = 7 list: [Int!] inner: Inner mood: Mood }
  input Either @oneOf { one: Int other: Int }
  interface Named { name: String! }
  type Cat implements Named { name: String! lives(of: Int = 9): Int! friends(first: Int): [Named!]! late: String! }
  type Dog implements Named { name: String! fails: String mustFail: String! items: [Int!] mood: Mood }
  union Pet = Cat | Dog
  type Query {
    echo(inner: Inner, list: [Inner!], first: Int, ids: [ID], either: Either, on: Boolean): String
    cat: Cat
    pets: [Pet]
    must: String!
    mood(mood: Mood!): Mood
  }
  type Mutation { add(number: Int!): [Int!]! fail: Int }
  schema { query: Query mutation: Mutation }
`;

/** One schema with whatever can go right and wrong while it is executed. */
function createPets(): { schema: GraphQLSchema; rootValue: object } {
  const schema = buildSdl(sdl);
  const fail = () => Promise.reject(new Error('it failed'));
  const cat = {
    __typename: 'Cat',
    name: 'Tom',
    lives: ({ of }: { of: number }) => of,
    friends: async ({ first }: { first?: number | null }) => [cat, dog, cat].slice(0, first ?? 3),
    late: async () => 'late',
  };
  const dog = {
    __typename: 'Dog',
    name: async () => 'Rex',
    fails: fail,
    mustFail: fail,
    items: [1, 'x', 3],
    mood: 'ODD',
  };
  const sum: number[] = [];
  const rootValue = {
    echo: (args: object) => JSON.stringify(args),
    cat,
    pets: [cat, dog, null, { __typename: 'Cow' }],
    must: () => null,
    mood: ({ mood }: { mood: string }) => mood,
    add: async ({ number }: { number: number }) => {
      const before = [...sum];
      await Promise.resolve();
      sum.splice(0, sum.length, ...before, number);
      return sum;
    },
    fail,
  };
  return { schema, rootValue };
}

/** The result of an operation, prepared or by graphql-js alone; null where coercion refuses the variables. */
async function resultOf(way: 'prepared' | 'graphql-js', [query, given, name]: AskedOperation): Promise<string | null> {
  const { schema, rootValue } = createPets();
  const document = parse(query);
  const operation = getOperationAST(document, name);
  if (!operation) throw new Error(`no operation in ${query}`);
  if (way === 'graphql-js') {
    return JSON.stringify(await execute({ schema, document, rootValue, variableValues: given, operationName: name }));
  }
  const preparer = createOperationPreparer({ schema, maxPageSize: 100, compiledReads: false });
  const prepared = preparer.prepare(document, operation);
  const variableValues = prepared.coerce(given ?? {});
  if (variableValues === null) return null;
  return JSON.stringify(
    await execute({ schema: preparer.schema, document: prepared.document, rootValue, variableValues }),
  );
}

type AskedOperation = [query: string, variables?: Record<string, unknown>, operationName?: string];

describe('a prepared operation is answered as graphql-js answers it, and its variables are refused where graphql-js refuses them', () => {
  const requests: AskedOperation[] = [
    ['{ __typename }'],
    ['{ a: __typename ...F } fragment F on Query { cat { ...G } } fragment G on Cat { name x: lives(of: 3) y: lives }'],
    ['query A { __typename } query B { cat { late } }', {}, 'B'],
    ['query ($on: Boolean!) { cat @include(if: $on) { name } pets @skip(if: $on) { __typename } }', { on: true }],
    ['query ($on: Boolean = false) { cat @include(if: $on) { name } }'],
    ['query ($on: Boolean = false) { cat @include(if: $on) { name } }', { on: null }],
    ['{ pets { __typename ... on Named { name } ... on Dog { fails items mood } } }'],
    ['{ cat { friends { name ... on Dog { mustFail } } } }'],
    ['{ pets { ... on Dog { mustFail } } cat { name } }'],
    ['{ must cat { name } }'],
    ['query ($n: Int) { cat { friends(first: $n) { name } lives(of: $n) } }', { n: 1 }],
    ['mutation { a: add(number: 1) b: add(number: 2) c: fail d: add(number: 3) }'],
    ['mutation ($n: Int!) { add(number: $n) }', { n: 5 }],
    ['query ($i: Inner) { echo(inner: $i) }', { i: { inner: { inner: { list: 5, mood: 'BAD' } }, list: [1, null] } }],
    ['query ($i: Inner) { echo(inner: $i) }', { i: { inner: { inner: { list: 5, mood: 'BAD' } }, list: [1, 2] } }],
    ['query ($i: Inner) { echo(inner: $i) }', { i: { number: null } }],
    ['query ($i: Inner) { echo(inner: $i) }', { i: { number: 2, nope: 1 } }],
    ['query ($i: Inner) { echo(inner: $i) }', { i: [] }],
    ['query ($i: Inner) { echo(inner: $i) }', { i: 'x' }],
    ['query ($i: Inner) { echo(inner: $i) }', { i: null }],
    ['query ($i: Inner) { echo(inner: $i) }', {}],
    ['query ($i: Inner = {number: 3}) { echo(inner: $i) }', {}],
    ['query ($i: Inner!) { echo(inner: $i) }', {}],
    ['query ($i: Inner!) { echo(inner: $i) }', { i: null }],
    ['query ($l: [Inner!]) { echo(list: $l) }', { l: { number: 1 } }],
    ['query ($l: [Inner!]) { echo(list: $l) }', { l: [{}, { mood: 'GOOD' }] }],
    ['query ($l: [Inner!]) { echo(list: $l) }', { l: [{}, null] }],
    ['query ($n: Int, $i: [ID]) { echo(first: $n, ids: $i, inner: {list: [1, $n]}) }', { n: 4, i: [1, 'b', null] }],
    ['query ($n: Int, $i: [ID]) { echo(first: $n, ids: $i) }', { n: 4.5, i: [true] }],
    ['query ($e: Either) { echo(either: $e) }', { e: { one: 1, other: 2 } }],
    ['query ($m: Mood = BAD) { mood(mood: $m) }', {}],
    ['query ($m: Mood = BAD) { mood(mood: $m) }', { m: 'GOOD' }],
    ['query ($m: Mood = BAD) { mood(mood: $m) }', { m: null }],
    ['query ($m: Mood!) { mood(mood: $m) }', { m: 'ODD' }],
    ['query ($t: String!) { __type(name: $t) { name fields { name args { name type { name } } } } }', { t: 'Cat' }],
    ['query ($t: String!) { __type(name: $t) { name } __schema { types { name } } }', { t: 'Coerced' }],
  ];
  test.each(requests)('%s %j %s', async (...asked) => {
    const [prepared, expected] = [await resultOf('prepared', asked), await resultOf('graphql-js', asked)];
    if (prepared === null) expect(JSON.parse(expected ?? '')).not.toHaveProperty('data');
    else expect(prepared).toBe(expected);
  });

  test('but for an input of which exactly one field must come, which is left to graphql-js', async () => {
    const asked: AskedOperation = ['query ($e: Either) { echo(either: $e) }', { e: { one: 1 } }];
    expect(await resultOf('prepared', asked)).toBeNull();
    expect(await resultOf('graphql-js', asked)).toContain('"data"');
  });
});
