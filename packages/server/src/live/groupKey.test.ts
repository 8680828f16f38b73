import { openViewer } from '@muster/core';
import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { groupKey } from './groupKey.ts';

function keyOf(text: string, variables?: Record<string, unknown> | null, operationName?: string | null): string {
  return groupKey({ viewer: openViewer, text, document: parse(text), operationName, variables, cost: null });
}

const plain = 'subscription ($after: Cursor, $filter: F) { watchPlugins(after: $after, filter: $filter) { cursor } }';

describe('equal subscriptions have equal keys', () => {
  test('wherever they begin', () => {
    expect(keyOf(plain, { after: 'a', filter: 1 })).toBe(keyOf(plain, { after: 'b', filter: 1 }));
    expect(keyOf(plain, { after: 'a', filter: 1 })).toBe(keyOf(plain, { filter: 1 }));
    expect(keyOf(plain, { after: null })).toBe(keyOf(plain, {}));
    expect(keyOf(plain, { after: 'a' })).toBe(keyOf(plain));
    expect(keyOf(plain, null)).toBe(keyOf(plain, {}));
  });

  test('in whichever order their variables come', () => {
    expect(keyOf(plain, { filter: 1, other: 2 })).toBe(keyOf(plain, { other: 2, filter: 1 }));
  });

  test('whatever the variable that says where to begin is called, and wherever else its name stands', () => {
    const text = 'subscription ($x: Cursor) { a: watchPlugins(after: $x) { x: cursor } }';
    expect(keyOf(text, { x: '1' })).toBe(keyOf(text, { x: '2' }));
    const withDefault = 'subscription ($x: Cursor = "c") { watchPlugins(after: $x) { cursor } }';
    expect(keyOf(withDefault, { x: '1' })).toBe(keyOf(withDefault, {}));
  });
});

describe('subscriptions that may differ have different keys', () => {
  test('by their documents', () => {
    expect(keyOf(plain)).not.toBe(keyOf(plain.replace('cursor', 'type')));
  });

  test('by a place to begin that stands in the document', () => {
    const text = (after: string) => `subscription { watchPlugins(after: "${after}") { cursor } }`;
    expect(keyOf(text('a'))).not.toBe(keyOf(text('b')));
  });

  test('by their other variables', () => {
    expect(keyOf(plain, { filter: 1 })).not.toBe(keyOf(plain, { filter: 2 }));
    expect(keyOf(plain, { filter: 1 })).not.toBe(keyOf(plain, {}));
    expect(keyOf(plain, { filter: null })).not.toBe(keyOf(plain, {}));
    expect(keyOf(plain, { filter: '1' })).not.toBe(keyOf(plain, { filter: 1 }));
  });

  test.each([
    'subscription ($x: Cursor) { watchPlugins(after: $x) { plugin { supervisor { plugins(after: $x) { totalCount } } } } }',
    'subscription ($x: Cursor) { watchPlugins(after: $x, domainId: $x) { cursor } }',
    'subscription ($x: Cursor) { watchPlugins(after: $x, filter: {id: {in: [$x]}}) { cursor } }',
    'subscription ($x: Boolean!) { watchPlugins(after: $x) { cursor @include(if: $x) } }',
    'subscription ($x: Cursor) { watchPlugins(after: $x) { ...F } } fragment F on E { plugin { plugins(after: $x) { a } } }',
    'subscription ($x: Cursor) { watchPlugins(domainId: $x) { plugin { plugins(after: $x) { a } } } }',
    'subscription ($x: Cursor) { watchPlugins { plugin { plugins(after: $x) { a } } } }',
    'subscription ($x: Cursor) { ...R } fragment R on Subscription { watchPlugins(domainId: $x) { cursor } }',
  ])('by a variable that says more than where to begin: %s', (text) => {
    expect(keyOf(text, { x: '1' })).not.toBe(keyOf(text, { x: '2' }));
  });

  test('by the operation of a document with several', () => {
    const text =
      'subscription A($x: Cursor) { watchPlugins(after: $x) { type } } subscription B { watchPlugins { cursor } }';
    expect(keyOf(text, {}, 'A')).not.toBe(keyOf(text, {}, 'B'));
    expect(keyOf(text, { x: '1' }, 'A')).toBe(keyOf(text, { x: '2' }, 'A'));
    expect(keyOf(text, { x: '1' }, 'B')).not.toBe(keyOf(text, { x: '2' }, 'B'));
  });
});
