import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { refusalOf } from '../../testing/refusal.ts';
import { defaultLimits } from './settings.ts';
import { anyText, describe as describeValue, jsonObject, parse, parseDomainId, text } from './validate.ts';

const schema = z.object({
  name: text(3).nullish(),
  count: z.int32().nullish(),
  state: z.enum(['ON', 'OFF']).nullish(),
  labels: jsonObject({ ...defaultLimits, objectKeys: 2, objectBytes: 40 }).nullish(),
  list: z.array(z.object({ id: text(3) })).nullish(),
});

describe('a refusal says where, what was expected and what came', () => {
  test.each<[unknown, (string | number)[], string]>([
    [{ name: 5 }, ['name'], 'name: expected string; got 5'],
    [{ name: '' }, ['name'], 'name: expected 1 to 3 characters; got ""'],
    [{ name: 'abcd' }, ['name'], 'name: expected 1 to 3 characters; got "abcd"'],
    [{ name: 'x'.repeat(81) }, ['name'], 'name: expected 1 to 3 characters; got a text of 81 characters'],
    [{ name: 'a\0' }, ['name'], 'name: expected text without NUL characters or unpaired surrogates; got "a\\u0000"'],
    [{ name: '\udc00' }, ['name'], 'name: expected text without NUL characters or unpaired surrogates; got "\\udc00"'],
    [{ count: 1.5 }, ['count'], 'count: expected int; got 1.5'],
    [{ count: 2 ** 31 }, ['count'], 'count: expected number to be <=2147483647; got 2147483648'],
    [{ count: 3n }, ['count'], 'count: expected number; got 3'],
    [{ state: 'MAYBE' }, ['state'], 'state: expected one of "ON"|"OFF"; got "MAYBE"'],
    [{ labels: [] }, ['labels'], 'labels: expected a JSON object; got a list of 0'],
    [
      { labels: { a: [{ b: Number.POSITIVE_INFINITY }] } },
      ['labels', 'a', 0, 'b'],
      'labels.a[0].b: expected a number from -9007199254740991 to 9007199254740991, beyond which digits get lost; send it as a text; got Infinity',
    ],
    [
      { labels: JSON.parse('{"__proto__": 9007199254740993}') },
      ['labels', '__proto__'],
      'labels.__proto__: expected a number from -9007199254740991 to 9007199254740991, beyond which digits get lost; send it as a text; got 9007199254740992',
    ],
    [{ labels: { a: new Date(0) } }, ['labels', 'a'], 'labels.a: expected JSON; got an object of 0 keys'],
    [
      { labels: { a: 1, b: 2, c: 3 } },
      ['labels'],
      'labels: expected at most 2 keys; got an object of 3 keys and 19 bytes',
    ],
    [
      { labels: { a: 'x'.repeat(40) } },
      ['labels'],
      'labels: expected at most 40 bytes of JSON; got an object of 1 keys and 48 bytes',
    ],
    [{ list: [{ id: 'a' }, {}] }, ['list', 1, 'id'], 'list[1].id: expected string; got nothing'],
    [{ list: { length: 1 } }, ['list'], 'list: expected array; got an object of 1 keys and 12 bytes'],
    [{ name: ' ' }, ['name'], 'name: expected a text that is not blank; got " "'],
    [{ name: 'a\u200b' }, ['name'], 'name: expected no control or invisible characters such as U+200B; got "a\\u200b"'],
  ])('%o', async (value, path, message) => {
    const refusal = await refusalOf(() => parse(schema, value));
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.details.path).toEqual(path);
    expect(refusal.message).toBe(message);
  });

  test('under the path at which the value stands', async () => {
    const refusal = await refusalOf(() => parse(schema, { name: 5 }, ['input', 0]));
    expect(refusal.message).toBe('input[0].name: expected string; got 5');
  });
});

test('characters are counted as PostgreSQL counts them: a pair of surrogates is one', () => {
  expect(parse(schema, { name: '😀😀😀' })).toEqual({ name: '😀😀😀' });
});

test('labels keep every key and value of JSON', () => {
  const labels = JSON.parse(
    '{"\\\\u0000": [null, 1.5, {"ä": "\\\\u0000"}], "__proto__": {"__proto__": -9007199254740991}}',
  );
  expect(parse(jsonObject(defaultLimits), labels)).toEqual(labels);
});

test('labels of any depth are answered, not recursed into without end', async () => {
  const nested = (levels: number) => JSON.parse(`{"a":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`);
  expect(parse(jsonObject(defaultLimits), nested(100))).toBeDefined();
  for (const levels of [101, 8_000]) {
    const refusal = await refusalOf(() => parse(jsonObject(defaultLimits), nested(levels), ['labels']));
    expect(refusal.message).toBe('labels: expected at most 100 levels of JSON; got an object of 1 keys');
  }
});

test.each(['a', 'A.b_c-9', 'x'.repeat(64)])('%s is a domain', (domainId) => {
  expect(parseDomainId(domainId)).toBe(domainId);
});

test('what came is told briefly, whatever it is', () => {
  const values = [undefined, null, true, 1, 1n, 'text', 'x'.repeat(81), [1, 2], { a: 1 }, Symbol('s'), () => 1];
  expect(values.map(describeValue)).toEqual([
    'nothing',
    'null',
    'true',
    '1',
    '1',
    '"text"',
    'a text of 81 characters',
    'a list of 2',
    'an object of 1 keys and 7 bytes',
    'symbol',
    'function',
  ]);
});

describe('S10: a name holds nothing that can not be seen', () => {
  const ranges: [number, number][] = [
    [0x01, 0x1f],
    [0x7f, 0x9f],
    [0x200b, 0x200f],
    [0x2028, 0x202e],
    [0x2060, 0x2064],
    [0xfeff, 0xfeff],
  ];
  const unseen = ranges.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => String.fromCodePoint(first + index)),
  );

  test('wherever in the text it stands', async () => {
    for (const character of unseen) {
      for (const name of [character, `a${character}`, `${character}b`, `a${character}b`]) {
        const refusal = await refusalOf(() => parse(schema, { name }));
        const number = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
        expect(refusal.message).toContain(`U+${number}`);
        expect(refusal.message).not.toContain(character);
      }
    }
  });

  test('and is not blank, in whichever blanks', async () => {
    for (const name of [' ', '   ', '\u00a0', '\u3000 ']) {
      expect((await refusalOf(() => parse(schema, { name }))).message).toContain('not blank');
    }
    expect(parse(schema, { name: 'a b' })).toEqual({ name: 'a b' });
  });

  test('while a secret holds any text', () => {
    expect(parse(anyText(3), ' \u200b\n')).toBe(' \u200b\n');
  });
});
