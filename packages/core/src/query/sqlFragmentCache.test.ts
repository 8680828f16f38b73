import { expect, test } from 'vitest';
import { createSqlFragmentCache } from './sqlFragmentCache.ts';

test('a fragment is made once of one source for one alias', () => {
  const { getOrMake } = createSqlFragmentCache();
  const [source, other] = [[], []];
  let made = 0;
  const make = () => `fragment ${made++}`;
  const fragments = [
    getOrMake(source, 'a', make),
    getOrMake(source, 'a', make),
    getOrMake(source, 'b', make),
    getOrMake(other, 'a', make),
  ];
  expect(fragments).toEqual(['fragment 0', 'fragment 0', 'fragment 1', 'fragment 2']);
});
