import { expect, test } from 'vitest';
import { withoutBasePath } from './basePath.ts';

test.each([
  ['/muster/graphql', '/graphql'],
  ['/muster', '/'],
  ['/muster/', '/'],
  ['/muster?x=/muster', '/?x=/muster'],
  ['/muster/graphql?query={a}', '/graphql?query={a}'],
  ['/graphql', '/graphql'],
  ['/musterion/graphql', '/musterion/graphql'],
  ['/muster/muster/graphql', '/muster/graphql'],
])('O13: below the prefix /muster, %s is %s', (url, path) => {
  expect(withoutBasePath('/muster', url)).toBe(path);
});
