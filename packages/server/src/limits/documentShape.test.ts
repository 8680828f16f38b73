import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { shapeOf } from './documentShape.ts';

const shape = (text: string) => shapeOf(parse(text), 200);

test.each([
  ['{ a }', { depth: 1, aliases: 0, rootFields: 1 }],
  ['{ a { b { c } } d }', { depth: 3, aliases: 0, rootFields: 2 }],
  ['{ x: a { y: b } z: c }', { depth: 2, aliases: 3, rootFields: 2 }],
  ['{ ... on T { a ... { b { c } } } }', { depth: 2, aliases: 0, rootFields: 2 }],
  ['{ ...F ...F } fragment F on T { x: a { ...G } } fragment G on T { y: b }', { depth: 2, aliases: 4, rootFields: 2 }],
  ['query A { a } query B { b { c } x: b y: b }', { depth: 2, aliases: 2, rootFields: 3 }],
  ['fragment F on T { a { b } }', { depth: 0, aliases: 0, rootFields: 0 }],
  ['{ ...Missing }', { depth: 0, aliases: 0, rootFields: 0 }],
])('%s is %o', (text, expected) => {
  expect(shape(text)).toMatchObject(expected);
});

test('a fragment within itself is measured, and not for ever', () => {
  expect(shape('{ ...A } fragment A on T { a { ...B } } fragment B on T { x: b { ...A } }')).toMatchObject({
    aliases: 1,
    rootFields: 1,
  });
});

test('a fragment bomb is measured in time that grows with its text', () => {
  const bomb = (fragments: number) => {
    const list = Array.from(
      { length: fragments },
      (_, i) => `fragment F${i} on T { x: a { ...F${i + 1} } y: a { ...F${i + 1} } }`,
    );
    return parse(`{ ...F0 } ${list.join(' ')} fragment F${fragments} on T { a }`);
  };
  for (const fragments of [10, 50, 90]) {
    let visits = 0;
    const measured = shapeOf(bomb(fragments), 200, () => {
      visits += 1;
    });
    expect(visits).toBe(2 + 4 * fragments);
    expect(measured.depth).toBe(fragments + 1);
    expect(measured.aliases).toBe(Math.min(2 ** (fragments + 1) - 2, Number.MAX_SAFE_INTEGER));
  }
});

test('levels are counted through fragments, spread or not, and no further than is asked', () => {
  const chain = (fragments: number) =>
    `${Array.from({ length: fragments }, (_, i) => `fragment F${i} on T { ...F${i + 1} }`).join(' ')} fragment F${fragments} on T { a }`;
  expect(shape(`{ ...F0 } ${chain(98)}`).levels).toBe(100);
  expect(shape('{ a { b ... { c } } }').levels).toBe(3);
  for (const operation of ['{ ...F0 }', '{ a }']) {
    expect(shape(`${operation} ${chain(5_000)}`).levels).toBeGreaterThan(200);
    expect(shape(`${chain(5_000)} ${operation}`).levels).toBeGreaterThan(200);
  }
});
