import { expect, test } from 'vitest';
import { readQuery } from '../../url/query.ts';
import { isAsked, placeParts, wishOf } from './placeQuery.ts';

const queryOf = (search: string) => readQuery(placeParts, new URLSearchParams(search));

test('K6: the URL has the whole wish: what is explained is what is installed', () => {
  const query = queryOf('plugin=collector&version=1.2.0&labels=env%3Dprod%0Azone%3Da&domain=acme&public=no&after=x');
  expect(isAsked(query)).toBe(true);
  expect(wishOf(query)).toEqual({
    domainId: 'acme',
    pluginId: 'collector',
    version: '1.2.0',
    labels: { env: 'prod', zone: 'a' },
    allowPublic: false,
  });
});

test('K3: without a plugin and a version nothing is asked', () => {
  expect(isAsked(queryOf('plugin=collector'))).toBe(false);
  expect(isAsked(queryOf(''))).toBe(false);
});

test('the viewer’s own domain, and no labels, are not named', () => {
  expect(wishOf(queryOf('plugin=collector&version=2'))).toEqual({ pluginId: 'collector', version: '2' });
});
