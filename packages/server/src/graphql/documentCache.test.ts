import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { createKnownDocuments } from './documentCache.ts';

const document = parse('{ __typename }');
const textOf = (name: number, length: number) => `${name} `.padEnd(length, '#');

describe('known documents', () => {
  test('are kept by their text, and are valid once that has been found', () => {
    const documents = createKnownDocuments();
    expect(documents.get('a')).toBeUndefined();
    documents.set('a', document);
    expect(documents.get('a')).toBe(document);
    expect(documents.getValid('a')).toBeUndefined();
    documents.setValid(document);
    expect(documents.getValid('a')).toBe(document);
    expect(documents.getValid('b')).toBeUndefined();
  });

  test('take a bounded number of characters: the one not asked for longest goes first', () => {
    const documents = createKnownDocuments();
    for (let name = 0; name < 10; name++) documents.set(textOf(name, 50_000), document);
    expect(documents.get(textOf(0, 50_000))).toBe(document);
    documents.set(textOf(10, 50_000), document);
    expect(documents.get(textOf(0, 50_000))).toBe(document);
    expect(documents.get(textOf(1, 50_000))).toBeUndefined();
    expect(documents.get(textOf(2, 50_000))).toBe(document);
  });

  test('count once, however often they are set', () => {
    const documents = createKnownDocuments();
    documents.set('a', document);
    for (let times = 0; times < 100; times++) documents.set(textOf(1, 50_000), document);
    expect(documents.get('a')).toBe(document);
  });

  test('are of no great length', () => {
    const documents = createKnownDocuments();
    documents.set(textOf(1, 50_001), document);
    expect(documents.get(textOf(1, 50_001))).toBeUndefined();
  });
});
