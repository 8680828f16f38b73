import { buildSchema, parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { expect, test } from 'vitest';
import { toClientError } from '../errors/clientError.ts';
import { useNestingLimit } from './textLimits.ts';

const schema = buildSchema('input I { not: I all: [I] } type Query { a(i: I): Int b: Query }');
const known = { get: (text: string) => (text === knownText ? parse('{ a }') : undefined) };
const mask = (error: unknown) => toClientError(error, () => {});
const yoga = createYoga({
  schema,
  plugins: [useNestingLimit(known, { tokens: 5_000, directives: 10 }, mask)],
  logging: false,
  maskedErrors: false,
});

/** Deeper than any known document; that it is let through shows that it isn't looked at. */
const knownText = `{ ${'b { '.repeat(300)}a${' }'.repeat(300)} }`;

async function codeOf(query: string, variables?: unknown): Promise<unknown> {
  const response = await yoga.fetch('http://muster/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { errors } = (await response.json()) as { errors?: { message: string; extensions?: { code?: string } }[] };
  return errors?.[0]?.extensions?.code ?? errors?.[0]?.message;
}

test('200 levels are read, and 201 are TOO_COMPLEX', async () => {
  expect(await codeOf(`{ ${'b { '.repeat(199)}a${' }'.repeat(199)} }`)).toBeUndefined();
  expect(await codeOf(`{ ${'b { '.repeat(200)}a${' }'.repeat(200)} }`)).toMatch(/at most 200 levels|TOO_COMPLEX/);
  const query = 'query ($i: I) { a(i: $i) }';
  // The variables themselves are a level.
  const variables = (levels: number) => JSON.parse(`{"i":${'{"not":'.repeat(levels - 2)}{}${'}'.repeat(levels - 2)}}`);
  expect(await codeOf(query, variables(200))).toBeUndefined();
  expect(await codeOf(query, variables(201))).toBe('TOO_COMPLEX');
});

test('a known document is not looked at again', async () => {
  expect(await codeOf(knownText)).toBeUndefined();
});

test('brackets one after another, in a text or in a comment are no levels', async () => {
  const many = '{'.repeat(500);
  expect(await codeOf(`{ a # ${many}\n }`)).toBeUndefined();
  expect(await codeOf(`{ ${Array.from({ length: 500 }, (_, i) => `x${i}: b { a }`).join(' ')} }`)).toBeUndefined();
  expect(await codeOf(`{ a(i: "${many}") }`)).not.toMatch(/levels/);
});

test('a document that is no document is told by the parser', async () => {
  expect(await codeOf('{ a(')).toBe('GRAPHQL_PARSE_FAILED');
  expect(await codeOf('\u0001')).toBe('GRAPHQL_PARSE_FAILED');
});

test('5,000 tokens and 10 directives are read, and one more is TOO_COMPLEX before it is parsed', async () => {
  const query = (fields: number) => `{ ${'a '.repeat(fields)} }`;
  expect(await codeOf(query(200))).toBeUndefined();
  expect(await codeOf(query(4_999))).toMatch(/at most 5000 tokens; got at least 5001/);
  const directives = (count: number) => `{ ${'a @include(if: true) '.repeat(count)} }`;
  expect(await codeOf(directives(10))).toBeUndefined();
  expect(await codeOf(directives(11))).toMatch(/at most 10 directives; got at least 11/);
  expect(await codeOf(`{ a ${'@'.repeat(11)}`)).toMatch(/at most 10 directives/);
});
