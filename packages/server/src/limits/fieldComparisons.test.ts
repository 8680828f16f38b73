import { buildSchema } from '@muster/schema';
import { getIntrospectionQuery, OverlappingFieldsCanBeMergedRule, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { comparisonsIn } from './fieldComparisons.ts';

const most = 20_000;
const schema = buildSchema();
const many = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i)).join(' ');
const comparisons = (text: string) => comparisonsIn(parse(text), most);

describe('W7: comparisons of fields count', () => {
  test.each<[string, number]>([
    ['{ a }', 1],
    ['{ a b { c d } }', 4],
    ['{ a x: a }', 2],
    // 2 selections, and 2 for the pair.
    ['{ a a }', 2 + 2],
    ['{ a a a }', 3 + 2 * 3],
    ['{ a ... { a ... on T { a } } }', 5 + 2 * 3],
    // At the root, the pair with the selections of both; below, another pair.
    ['{ a { b } a { b } }', 2 + (2 + 2) + 2 + 2],
    // The fragment counts where it is spread, and by itself.
    ['{ ...F } fragment F on T { a }', 1 + 1 + 1],
    ['{ a ...F } fragment F on T { a }', 3 + 2 + 1],
    // Two fragments are a pair.
    ['{ ...F ...G } fragment F on T { a } fragment G on T { b }', 4 + 1 + 2],
    ['{ ...F ...F } fragment F on T { a }', 3 + 1],
    ['{ ...Missing ...Other }', 2 + 1],
  ])('%s: %i', (text, expected) => {
    expect(comparisons(text)).toBe(expected);
  });
});

test('W7: what clients send is far below the bound', () => {
  const fragments = (count: number) =>
    `{ supervisors { nodes { ${many(count, (i) => `...F${i}`)} } } } ${many(
      count,
      (i) => `fragment F${i} on Supervisor { id name state plugins(first: 10) { nodes { id version f${i}: state } } }`,
    )}`;
  for (const text of [getIntrospectionQuery(), fragments(15), `{ viewer { ${many(2_000, (i) => `f${i}`)} } }`]) {
    expect(comparisons(text)).toBeLessThan(most / 2);
  }
});

describe('W7: what would take validation long is over the bound, and is found out in few steps', () => {
  const documents: Record<string, string> = {
    'a field again and again': `{ viewer { ${many(4_900, () => 'role')} } }`,
    'fields of many fields': `{ ${many(60, (i) => `viewer { ${many(30, (j) => `f${i}x${j}`)} }`)} }`,
    'levels of the same fields': `{ ${many(6, () => `a { ${many(6, () => `b { ${many(6, () => 'c { d }')} }`)} }`)} }`,
    'fragments of the same fields': `{ ${many(200, (i) => `...F${i}`)} } ${many(200, (i) => `fragment F${i} on T { a b c d }`)}`,
    'fragments that nobody defines': `{ ${many(1_600, (i) => `...F${i}`)} }`,
    'fragments within fragments, at many places': `{ ${many(200, (i) => `p${i} { a ...F0 }`)} } ${many(200, (i) => `fragment F${i} on T { a ...F${i + 1} }`)}`,
    'fragments that spread many fragments': `{ ${many(60, (i) => `...F${i}`)} } ${many(60, (i) => `fragment F${i} on T { ${many(60, (j) => `...F${j}`)} }`)}`,
    'pairs of fields with many fragments': `{ ${many(40, () => `a { ${many(30, (i) => `...F${i}`)} }`)} } ${many(30, (i) => `fragment F${i} on T { x }`)}`,
    'a fragment bomb': `{ ...F0 } ${many(90, (i) => `fragment F${i} on T { x: a { ...F${i + 1} } y: a { ...F${i + 1} } }`)} fragment Last on T { a }`,
  };
  test.each(Object.entries(documents))('%s', (_title, text) => {
    let visits = 0;
    const steps = comparisonsIn(parse(text), most, () => {
      visits += 1;
    });
    expect(steps).toBeGreaterThan(most);
    expect(visits).toBeLessThan(most * 1.1);
  });

  test('a fragment within itself, at another place each time, comes to an end', () => {
    expect(comparisons('{ ...A } fragment A on T { a { ...B } } fragment B on T { b { ...A } }')).toBeGreaterThan(10);
  });
});

test('W7: of the documents below the bound, none is given up by the rule that compares fields', () => {
  // As large as the bound lets them be: each kind of document that can grow.
  const growing: ((size: number) => string)[] = [
    (n) => `{ viewer { ${many(n, () => 'role')} } }`,
    (n) => `{ viewer { ${many(n, (i) => `a: ${i % 2 ? 'role' : 'subject'}`)} } }`,
    (n) => `{ ${many(n, (i) => `viewer { ${many(n, (j) => `f${i}x${j}`)} }`)} }`,
    (n) => `{ ${many(n, () => `viewer { ${many(n, () => 'role')} }`)} }`,
    (n) => `{ viewer { ${many(n, (i) => `...F${i}`)} } } ${many(n, (i) => `fragment F${i} on Viewer { role }`)}`,
    (n) =>
      `{ viewer { ${many(n, (i) => `...F${i}`)} } } ${many(n, (i) => `fragment F${i} on Viewer { ${many(n, (j) => `...F${j}`)} }`)}`,
    (n) =>
      `{ ${many(n, (i) => `v${i}: viewer { role ...F0 }`)} } ${many(n, (i) => `fragment F${i} on Viewer { role ...F${i + 1} }`)} fragment F${n} on Viewer { role }`,
    (n) =>
      `{ ${many(n, () => `viewer { ${many(n, (i) => `...F${i}`)} }`)} } ${many(n, (i) => `fragment F${i} on Viewer { role }`)}`,
    (n) => `{ viewer { ${many(n * n, (i) => `...F${i}`)} } }`,
  ];
  for (const write of growing) {
    let size = 1;
    while (size < 5_000 && comparisons(write(size + 1)) <= most) size += 1;
    const errors = validate(schema, parse(write(size)), [OverlappingFieldsCanBeMergedRule]);
    expect(errors.map(({ message }) => message)).not.toContain('Validation aborted.');
  }
});
