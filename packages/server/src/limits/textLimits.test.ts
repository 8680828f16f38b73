import { beforeEach, expect, test } from 'vitest';
import { textLimits } from './textLimits.ts';
import { variableLimits } from './variableLimits.ts';

const viewer = { subject: 'ada', role: 'VIEWER', domainId: 'd' } as const;
let charged = 0;
const budget = {
  charge: (_viewer: unknown, points: number) => {
    charged += points;
  },
};
beforeEach(() => {
  charged = 0;
});

/** Why a text is refused; null for one that may be parsed. */
function refusalOf(text: string): string | null {
  const guard = textLimits({ characters: 100_000, tokens: 5_000, directives: 10 }, budget);
  if (guard.stage !== 'text') throw new Error('expected a guard of texts');
  return messageOf(() => guard.check(text, viewer));
}

function refusalOfVariables(variables: unknown): string | null {
  const guard = variableLimits(1_000, budget);
  if (guard.stage !== 'variables') throw new Error('expected a guard of variables');
  return messageOf(() => guard.check(variables, viewer));
}

function messageOf(check: () => void): string | null {
  try {
    check();
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'TOO_COMPLEX', details: { http: { status: 400 } } });
    return (error as Error).message;
  }
}

test('a document may have 200 levels, and no more', () => {
  expect(refusalOf(`{ ${'b { '.repeat(199)}a${' }'.repeat(199)} }`)).toBeNull();
  expect(refusalOf(`{ ${'b { '.repeat(200)}a${' }'.repeat(200)} }`)).toMatch(/a document of at most 200 levels/);
});

test('variables may have 200 levels, and no more: they themselves are a level', () => {
  const variables = (levels: number) => JSON.parse(`{"i":${'{"not":'.repeat(levels - 2)}{}${'}'.repeat(levels - 2)}}`);
  expect(refusalOfVariables(variables(200))).toBeNull();
  expect(refusalOfVariables(variables(201))).toMatch(/variables of at most 200 levels/);
});

test('W7: variables may have so and so many values, lists and objects counted with all that is in them', () => {
  const list = (length: number) => Array.from({ length }, (_, i) => i);
  expect(refusalOfVariables({ a: list(499), b: { c: list(498) } })).toBeNull();
  expect(refusalOfVariables({ a: list(499), b: { c: list(499) } })).toMatch(/variables of at most 1000 values/);
  expect(refusalOfVariables({ a: list(2_000_000) })).toMatch(/at most 1000 values/);
});

test('W6: variables take a point for two values; refused ones for each that was counted, and never for ever', () => {
  refusalOfVariables({ a: [1, 2, 3] });
  expect(charged).toBe(2);
  refusalOfVariables({ a: Array(100_000).fill(0) });
  expect(charged).toBe(2 + 1_002);
  refusalOfVariables(JSON.parse(`{"i":${'['.repeat(3_000)}${']'.repeat(3_000)}}`));
  expect(charged).toBeLessThan(2 + 1_002 + 300);
});

test('brackets one after another, in a text or in a comment are no levels', () => {
  const many = '{'.repeat(500);
  expect(refusalOf(`{ a # ${many}\n }`)).toBeNull();
  expect(refusalOf(`{ ${Array.from({ length: 500 }, (_, i) => `x${i}: b { a }`).join(' ')} }`)).toBeNull();
  expect(refusalOf(`{ a(i: "${many}") }`)).toBeNull();
});

test('what is wrong with a document that is no document is left to the parser', () => {
  expect(refusalOf('{ a(')).toBeNull();
  expect(refusalOf('\u0001')).toBeNull();
});

test('W6: a document takes a point for each token that is read, refused or not', () => {
  refusalOf('{ a(i: "one two") }');
  expect(charged).toBe(8);
  refusalOf(`{ ${'a '.repeat(100_000 / 4)} }`);
  expect(charged).toBe(8 + 5_001);
  refusalOf('{'.repeat(10_000));
  expect(charged).toBe(8 + 5_001 + 201);
  refusalOf('a'.repeat(100_001));
  expect(charged).toBe(8 + 5_001 + 201 + 1);
});

test('W7: a long text, and a long name in it, are TOO_COMPLEX; a long string is none', () => {
  expect(refusalOf(`{ a } # ${'x'.repeat(100_000)}`)).toMatch(/at most 100000 characters/);
  expect(refusalOf(`{ ${'a'.repeat(255)} }`)).toBeNull();
  expect(refusalOf(`{ ${'a'.repeat(256)} }`)).toMatch(/names of at most 255 characters/);
  expect(refusalOf(`{ a(i: "${'x'.repeat(50_000)}") }`)).toBeNull();
});

test('5,000 tokens and 10 directives are read, and one more is TOO_COMPLEX before it is parsed', () => {
  const query = (fields: number) => `{ ${'a '.repeat(fields)} }`;
  expect(refusalOf(query(200))).toBeNull();
  expect(refusalOf(query(4_999))).toMatch(/at most 5000 tokens; got at least 5001/);
  const directives = (count: number) => `{ ${'a @include(if: true) '.repeat(count)} }`;
  expect(refusalOf(directives(10))).toBeNull();
  expect(refusalOf(directives(11))).toMatch(/at most 10 directives; got at least 11/);
  expect(refusalOf(`{ a ${'@'.repeat(11)}`)).toMatch(/at most 10 directives/);
});
