import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { supervisorFilter, supervisorParts, supervisorStateNames } from '../views/supervisors/supervisorQuery.ts';
import { oneOf, paging, readQuery, someOf, sortedBy, text, texts, writeQuery, yesOrNo } from './query.ts';

const words = ['A', 'B', 'C'] as const;
const parts = {
  text,
  one: oneOf(words),
  some: someOf(words),
  texts,
  flag: yesOrNo,
  sort: sortedBy(words, { column: 'A', descends: false }),
  page: paging,
};

const cursor = fc.string({ minLength: 1 });
const queries = fc.record({
  text: fc.string(),
  one: fc.constantFrom(null, ...words),
  some: fc.subarray([...words]),
  texts: fc.array(fc.string({ minLength: 1 })),
  flag: fc.constantFrom(true, false, null),
  sort: fc.record({ column: fc.constantFrom(...words), descends: fc.boolean() }),
  page: fc.oneof(
    fc.constant({ after: null, before: null, offset: 0 }),
    fc.record({ after: cursor, before: fc.constant(null), offset: fc.nat() }),
    fc.record({ after: fc.constant(null), before: cursor, offset: fc.nat() }),
  ),
});

describe('K6: the state of a view lives in the URL', () => {
  test('whatever it is, reading the URL gives it back', () => {
    fc.assert(
      fc.property(queries, (query) => {
        const url = new URL(`http://muster/?${writeQuery(parts, query)}`);
        expect(readQuery(parts, url.searchParams)).toEqual(query);
      }),
    );
  });

  test('any other text is read as a state, too, and that one stays', () => {
    fc.assert(
      fc.property(fc.webQueryParameters(), (search) => {
        const query = readQuery(parts, new URLSearchParams(search));
        expect(readQuery(parts, writeQuery(parts, query))).toEqual(query);
      }),
    );
  });

  test('defaults stand there not at all', () => {
    expect(String(writeQuery(parts, readQuery(parts, new URLSearchParams())))).toBe('');
  });
});

test('K5: a list has one filter, which has all that its URL says', () => {
  const params = new URLSearchParams('q=edge&state=PENDING,ENABLED&label=env%3Dprod&label=zone&cordoned=no&after=x');
  const query = readQuery(supervisorParts, params);
  expect(query.state).toEqual(supervisorStateNames.filter((state) => state === 'ENABLED' || state === 'PENDING'));
  expect(supervisorFilter(query)).toEqual({
    or: [
      { name: { contains: 'edge', insensitive: true } },
      { hostname: { contains: 'edge', insensitive: true } },
      { id: { eq: 'edge' } },
    ],
    state: { in: ['ENABLED', 'PENDING'] },
    and: [{ labels: { contains: { env: 'prod' } } }, { labels: { hasKey: 'zone' } }],
    cordoned: { eq: false },
  });
});
