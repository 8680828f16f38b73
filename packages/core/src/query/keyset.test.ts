import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../testing/refusal.ts';
import { defaultLimits } from '../base/settings.ts';
import { type OrderKey, type PageArguments, readPageRequest, totalOrder } from './keyset.ts';
import { keysetCursor, keysetValues } from './keysetCursor.ts';

describe('what a page is asked by', () => {
  test.each<[PageArguments, object]>([
    [{}, { limit: 20, backward: false, cursor: null }],
    [{ first: 5 }, { limit: 5, backward: false, cursor: null }],
    [
      { first: 5, after: 'c' },
      { limit: 5, backward: false, cursor: 'c' },
    ],
    [{ after: 'c' }, { limit: 20, backward: false, cursor: 'c' }],
    [{ last: 5 }, { limit: 5, backward: true, cursor: null }],
    [
      { last: 5, before: 'c' },
      { limit: 5, backward: true, cursor: 'c' },
    ],
    [{ before: 'c' }, { limit: 20, backward: true, cursor: 'c' }],
    [{ first: 0 }, { limit: 0, backward: false, cursor: null }],
    [
      { first: 100, last: null, after: null, before: null },
      { limit: 100, backward: false, cursor: null },
    ],
  ])('%j', (page, request) => {
    expect(readPageRequest(page, defaultLimits)).toEqual(request);
  });

  test.each<[PageArguments, string]>([
    [{ first: 1, last: 1 }, 'last'],
    [{ first: 1, before: 'c' }, 'before'],
    [{ after: 'c', before: 'd' }, 'before'],
    [{ last: 1, after: 'c' }, 'after'],
    [{ first: -1 }, 'first'],
    [{ first: 101 }, 'first'],
    [{ last: 101 }, 'last'],
    [{ first: 1.5 }, 'first'],
    [{ last: Number.NaN }, 'last'],
  ])('%j is refused', async (page, name) => {
    const refusal = await refusalOf(() => readPageRequest(page, defaultLimits));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: [name] } });
  });
});

test('every order ends by what is unique, and what comes after that, or twice, counts for nothing', () => {
  const name = { field: 'name', direction: 'DESC' } as const;
  const id = { field: 'id', direction: 'DESC' } as const;
  expect(totalOrder('supervisor', [], defaultLimits)).toEqual([{ field: 'id', direction: 'ASC' }]);
  expect(totalOrder('supervisor', [name], defaultLimits)).toEqual([name, { field: 'id', direction: 'ASC' }]);
  expect(totalOrder('supervisor', [name, { ...name, direction: 'ASC' }, id, name], defaultLimits)).toEqual([name, id]);
});

describe('a cursor', () => {
  const order: OrderKey[] = [
    { field: 'name', direction: 'ASC' },
    { field: 'priority', direction: 'DESC' },
    { field: 'state', direction: 'ASC' },
    { field: 'createdAt', direction: 'ASC' },
    { field: 'id', direction: 'ASC' },
  ];
  const row = {
    name: 'ä',
    priority: 3,
    state: 'ENABLED',
    created_at: '2026-01-01T00:00:00.5+00:00',
    id: 'supervisor-1',
  };
  const values = Object.values(row);
  const read = (cursor: string, by = order) => keysetValues('supervisor', by, { limit: 1, backward: false, cursor });
  const forged = (...parts: unknown[]) => Buffer.from(JSON.stringify(parts)).toString('base64url');
  const [signature] = JSON.parse(Buffer.from(keysetCursor('supervisor', order, row), 'base64url').toString());

  test('names its row’s place in its order', () => {
    expect(read(keysetCursor('supervisor', order, row))).toEqual(values);
  });

  test('of another order is refused', async () => {
    const [first, ...rest] = order;
    const reversed = first ? [{ ...first, direction: 'DESC' as const }, ...rest] : [];
    for (const other of [reversed, rest, [...rest, ...order.slice(0, 1)]]) {
      const refusal = await refusalOf(() => read(keysetCursor('supervisor', order, row), other));
      expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['after'] } });
    }
  });

  test.each([
    ['an empty text', ''],
    ['no base64', 'ä ö'],
    ['no JSON', Buffer.from('[').toString('base64url')],
    ['no list', Buffer.from('{"length":6}').toString('base64url')],
    ['too few values', forged(signature, ...values.slice(1))],
    ['null', forged(signature, null, ...values.slice(1))],
    ['an object', forged(signature, { a: 1 }, ...values.slice(1))],
    ['a number for a text', forged(signature, 1, ...values.slice(1))],
    ['NUL', forged(signature, 'a\0', ...values.slice(1))],
    ['a text for a number', forged(signature, 'ä', 'x', ...values.slice(2))],
    ['too large a number', forged(signature, 'ä', 2 ** 31, ...values.slice(2))],
    ['no state', forged(signature, 'ä', 3, 'NONE', ...values.slice(3))],
    ['no time', forged(signature, 'ä', 3, 'ENABLED', 'yesterday', 'supervisor-1')],
    ['a time that no calendar has', forged(signature, 'ä', 3, 'ENABLED', '2026-13-45T00:00:00Z', 'supervisor-1')],
  ])('that was made up is BAD_USER_INPUT before the database sees it: %s', async (_, cursor) => {
    expect(await refusalOf(() => read(cursor))).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['after'] } });
  });
});
