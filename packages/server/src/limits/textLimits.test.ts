import { expect, test } from 'vitest';
import { textLimits } from './textLimits.ts';
import { variableLimits } from './variableLimits.ts';

/** Why a text is refused; null for one that may be parsed. */
function refusalOf(text: string): string | null {
  const guard = textLimits({ tokens: 5_000, directives: 10 });
  if (guard.stage !== 'text') throw new Error('expected a guard of texts');
  return messageOf(() => guard.check(text));
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
  const guard = variableLimits();
  if (guard.stage !== 'variables') throw new Error('expected a guard of variables');
  const variables = (levels: number) => JSON.parse(`{"i":${'{"not":'.repeat(levels - 2)}{}${'}'.repeat(levels - 2)}}`);
  const viewer = { subject: 'ada', role: 'VIEWER', domainId: 'd' } as const;
  expect(messageOf(() => guard.check(variables(200), viewer))).toBeNull();
  expect(messageOf(() => guard.check(variables(201), viewer))).toMatch(/variables of at most 200 levels/);
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

test('5,000 tokens and 10 directives are read, and one more is TOO_COMPLEX before it is parsed', () => {
  const query = (fields: number) => `{ ${'a '.repeat(fields)} }`;
  expect(refusalOf(query(200))).toBeNull();
  expect(refusalOf(query(4_999))).toMatch(/at most 5000 tokens; got at least 5001/);
  const directives = (count: number) => `{ ${'a @include(if: true) '.repeat(count)} }`;
  expect(refusalOf(directives(10))).toBeNull();
  expect(refusalOf(directives(11))).toMatch(/at most 10 directives; got at least 11/);
  expect(refusalOf(`{ a ${'@'.repeat(11)}`)).toMatch(/at most 10 directives/);
});
