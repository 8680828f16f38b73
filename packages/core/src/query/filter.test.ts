import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../testing/refusal.ts';
import { defaultLimits } from '../base/settings.ts';
import type { Condition } from './condition.ts';
import type { PluginFilter, SupervisorFilter } from './filter.ts';
import { parseFilter } from './parseFilter.ts';
import { parseKeyword } from './parseKeyword.ts';

const supervisor = (filter: SupervisorFilter | null) => parseFilter('supervisor', filter, defaultLimits);

/** Folds the empty and single-membered `all`s of a condition. */
function plain(condition: Condition): Condition {
  if ('all' in condition) {
    const parts = condition.all.map(plain).filter((part) => !('all' in part && part.all.length === 0));
    return parts.length === 1 && parts[0] ? parts[0] : { all: parts };
  }
  if ('any' in condition) return { any: condition.any.map(plain) };
  if ('not' in condition) return { not: plain(condition.not) };
  return condition;
}

test.each<[string, SupervisorFilter | null]>([
  ['null', null],
  ['{}', {}],
  ['fields without operators', { name: {}, state: null, plugins: {} }],
  ['NONE', { state: { eq: 'NONE' } }],
  ['not NONE', { state: { ne: 'NONE' } }],
  ['NONE among others', { state: { in: ['ENABLED', 'NONE'] } }],
])('a filter that says nothing lets everything through: %s', (_, filter) => {
  expect(plain(supervisor(filter))).toEqual({ all: [] });
});

test('what stands side by side must all hold', () => {
  expect(plain(supervisor({ name: { startsWith: 'a', endsWith: 'z' }, priority: { gte: 1 } }))).toEqual({
    all: [
      {
        all: [
          { field: 'name', operator: 'startsWith', value: 'a' },
          { field: 'name', operator: 'endsWith', value: 'z' },
        ],
      },
      { field: 'priority', operator: 'gte', value: 1 },
    ],
  });
});

test('an operand that is null is no condition, whatever the operator: isNull asks for a field without a value', () => {
  const reason = (filter: NonNullable<PluginFilter['reason']>) =>
    plain(parseFilter('plugin', { reason: filter }, defaultLimits));
  expect(reason({ eq: null, ne: null, in: null, contains: null, isNull: null, insensitive: null })).toEqual({
    all: [],
  });
  expect(reason({ isNull: true, eq: null })).toEqual({ field: 'reason', operator: 'isNull', value: true });
});

test('a filter on changes names the id of the row that changed by whose it is', () => {
  const condition = { field: 'id', operator: 'eq', value: 'x' };
  const filter = { supervisorId: { eq: 'x' } };
  expect(plain(parseFilter('supervisor', filter, defaultLimits))).toEqual(condition);
  const ofPlugin: object = { pluginInstanceId: { eq: 'x' } };
  expect(plain(parseFilter('plugin', ofPlugin, defaultLimits))).toEqual(condition);
  expect(plain(parseFilter('plugin', filter, defaultLimits))).toEqual({ ...condition, field: 'supervisorId' });
});

test('NONE among the states that are not wanted is left out', () => {
  expect(plain(supervisor({ state: { notIn: ['NONE', 'PENDING'] } }))).toEqual({
    field: 'state',
    operator: 'notIn',
    value: ['PENDING'],
  });
});

describe('a filter beyond the limits is BAD_USER_INPUT, with the path of what is too much', () => {
  const texts = (length: number) => Array.from({ length }, String);
  const deep = (levels: number): SupervisorFilter => (levels === 0 ? {} : { not: deep(levels - 1) });

  test.each<[string, SupervisorFilter, (string | number)[], RegExp]>([
    ['conditions', { or: Array.from({ length: 100 }, () => ({})) }, ['filter', 'or', 99], /at most 100 conditions/],
    [
      'values',
      { name: { in: Array.from({ length: 1_001 }, String) } },
      ['filter', 'name', 'in'],
      /at most 1000 values/,
    ],
    [
      'values of two conditions',
      { name: { in: texts(600) }, hostname: { notIn: texts(401) } },
      ['filter', 'hostname', 'notIn'],
      /at most 1000 values/,
    ],
    [
      'values in JSON',
      { not: { tags: { contains: { a: texts(600), b: { c: texts(401) } } } } },
      ['filter', 'not', 'tags', 'contains'],
      /at most 1000 values/,
    ],
    [
      'objects and lists within lists (W3)',
      { labels: { contains: { a: [[1, [2]], ...Array.from({ length: 49 }, (_, i) => ({ i }))] } } },
      ['filter', 'labels', 'contains'],
      /at most 50 objects and lists within lists/,
    ],
    ['depth', deep(101), ['filter', ...Array.from({ length: 100 }, () => 'not')], /at most 100 conditions/],
    ['NUL', { and: [{ hostname: { eq: '\0' } }] }, ['filter', 'and', 0, 'hostname', 'eq'], /NUL/],
    ['NUL in a list', { id: { notIn: ['a', '\0'] } }, ['filter', 'id', 'notIn', 1], /NUL/],
    ['NUL in JSON', { labels: { contains: { a: [{ '\0': 1 }] } } }, ['filter', 'labels', 'contains', 'a', 0], /NUL/],
    ['half a surrogate', { tags: { hasKey: '\ud800' } }, ['filter', 'tags', 'hasKey'], /unpaired/],
    ['large integers', { priority: { gt: 2 ** 31 } }, ['filter', 'priority', 'gt'], /32 bits; got 2147483648/],
    ['fractions', { priority: { in: [1, 1.5] } }, ['filter', 'priority', 'in'], /32 bits/],
    ['no time', { createdAt: { lt: new Date(Number.NaN) } }, ['filter', 'createdAt', 'lt'], /expected a time/],
  ])('%s', async (_, filter, path, message) => {
    const refusal = await refusalOf(() => supervisor(filter));
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.details.path).toEqual(path);
    expect(refusal.message).toMatch(message);
  });

  test('a field that there is not', async () => {
    for (const name of ['secretHash', 'operatorFields', '__proto__', 'constructor']) {
      const filter = JSON.parse(`{"${name}": {"eq": "x"}}`);
      expect(await refusalOf(() => supervisor(filter))).toMatchObject({ code: 'BAD_USER_INPUT' });
    }
  });
});

describe('W2: relations nest once', () => {
  const every = (filter: PluginFilter): SupervisorFilter => ({ plugins: { every: filter } });

  test.each<[string, SupervisorFilter]>([
    ['a relation', every({ state: { eq: 'ERROR' } })],
    ['a relation and back', every({ supervisor: { name: { eq: 'a' } } })],
    ['several, side by side', { or: [every({}), every({ not: { supervisor: {} } })], plugins: { some: {}, none: {} } }],
  ])('%s: taken', (_, filter) => {
    expect(supervisor(filter)).toMatchObject({ all: expect.any(Array) });
  });

  test('a third relation is refused with its path, wherever it stands', async () => {
    const third = every({ and: [{ supervisor: { not: every({}) } }] });
    const path = ['plugins', 'every', 'and', 0, 'supervisor', 'not', 'plugins'];
    expect(await refusalOf(() => supervisor(third))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { path: ['filter', ...path] },
    });
    const attack = (levels: number): PluginFilter => (levels === 0 ? {} : { supervisor: every(attack(levels - 1)) });
    expect(parseFilter('plugin', attack(1), defaultLimits)).toMatchObject({ all: expect.any(Array) });
    for (const levels of [2, 3, 50]) {
      expect(await refusalOf(() => parseFilter('plugin', attack(levels), defaultLimits))).toMatchObject({
        code: 'BAD_USER_INPUT',
        details: { path: ['filter', 'supervisor', 'plugins', 'every', 'supervisor'] },
      });
    }
  });
});

describe('a keyword', () => {
  test.each([null, undefined, '', ' \t\n'])('that is blank is no condition: %j', (keyword) => {
    expect(parseKeyword('supervisor', keyword)).toEqual({ all: [] });
  });

  test('asks for any of its words in any of the key fields', () => {
    const condition = parseKeyword('supervisor', ' one  two ') as { any: Condition[] };
    expect(condition.any).toHaveLength(6);
    expect(condition.any[0]).toEqual({ field: 'id', operator: 'contains', value: 'one', insensitive: true });
  });

  test('that the database could not read is BAD_USER_INPUT', async () => {
    const refusal = await refusalOf(() => parseKeyword('plugin', 'a\0'));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['keyword'] } });
  });
});
