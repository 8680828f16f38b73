import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { jsonBytes } from './jsonBytes.ts';

const written = (value: unknown) => Buffer.byteLength(JSON.stringify(value));

test('W3: a value is counted as many bytes as it has as JSON', () => {
  const leaf = fc.oneof(
    fc.string({ unit: 'binary' }),
    // Halves of surrogate pairs, which JSON escapes.
    fc.constantFrom('\ud83d', '\ude42', '"\\\u0001\u007f', 'é', '\u{1F642}'),
    fc.double(),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom(null, new Date(0), new GraphQLError('a "b"', { path: ['a', 1], extensions: { code: 'X' } })),
  );
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      leaf,
      fc.array(fc.option(tie('value'), { nil: undefined })),
      fc.dictionary(fc.string({ unit: 'binary' }), fc.option(tie('value'), { nil: undefined })),
    ),
  }));
  fc.assert(
    fc.property(value, (each) => {
      expect(jsonBytes(each, Number.POSITIVE_INFINITY)).toBe(written(each));
    }),
  );
});

test('W3: counting ends past the bound, however much is left', () => {
  const looked: number[] = [];
  const item = (index: number) => ({
    toJSON: () => {
      looked.push(index);
      return 'x'.repeat(98);
    },
  });
  const list = Array.from({ length: 1_000 }, (_, index) => item(index));
  expect(jsonBytes(list, 2_000)).toBeGreaterThan(2_000);
  expect(looked.length).toBeLessThan(20);
});

test('W3: the bound itself is no more than the bound', () => {
  const value = { a: ['é', 1], b: 'x' };
  const bytes = written(value);
  expect(jsonBytes(value, bytes)).toBe(bytes);
  expect(jsonBytes(value, bytes - 1)).toBeGreaterThan(bytes - 1);
});
