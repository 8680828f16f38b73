import { parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { CachedDocument, createDocumentCache } from './documentCache.ts';

const document = new CachedDocument(parse('{ __typename }'));
const textOf = (name: number, length: number) => `${name} `.padEnd(length, '#');

describe('the document cache', () => {
  test('takes a bounded number of characters: the least recently used document goes first', () => {
    const documents = createDocumentCache();
    for (let name = 0; name < 10; name++) documents.set('tenant', textOf(name, 50_000), document);
    expect(documents.get(textOf(0, 50_000))).toBe(document);
    documents.set('tenant', textOf(10, 50_000), document);
    expect(documents.get(textOf(0, 50_000))).toBe(document);
    expect(documents.get(textOf(1, 50_000))).toBeUndefined();
    expect(documents.get(textOf(2, 50_000))).toBe(document);
  });

  test('W12: keeps one tenant’s document, however many others make up', () => {
    const documents = createDocumentCache();
    documents.set('tenant', '{ __typename }', document);
    for (let name = 0; name < 5_000; name++) documents.set('mallory', textOf(name, 100), document);
    expect(documents.get('{ __typename }')).toBe(document);
    expect(documents.get(textOf(0, 100))).toBeUndefined();
  });

  test('takes no document of more than 50,000 characters', () => {
    const documents = createDocumentCache();
    documents.set('tenant', textOf(1, 50_001), document);
    expect(documents.get(textOf(1, 50_001))).toBeUndefined();
  });
});

describe('a cached document', () => {
  const two = new CachedDocument(parse('query A { a: __typename } query B { b: __typename }'));

  test('finds an operation once', () => {
    expect(two.operation('A')?.node.name?.value).toBe('A');
    expect(two.operation('A')).toBe(two.operation('A'));
    expect(document.operation(undefined)).toBe(document.operation(undefined));
  });

  test('has none for a name that it lacks, or where several go without a name', () => {
    expect(two.operation('C')).toBeNull();
    expect(two.operation(null)).toBeNull();
    expect(document.operation('')).toBeNull();
  });
});
