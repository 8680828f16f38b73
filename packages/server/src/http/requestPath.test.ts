import { expect, test } from 'vitest';
import { withoutBasePath, withoutLastSlash } from './requestPath.ts';

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

test.each([
  ['/graphql/', '/graphql'],
  ['/graphql/?query={a}', '/graphql?query={a}'],
  ['/graphql', '/graphql'],
  ['/graphql//', '/graphql//'],
  ['/graphql/x', '/graphql/x'],
  ['/plugin/v1/docs/', '/plugin/v1/docs/'],
])('%s is %s', (url, path) => {
  expect(withoutLastSlash(url)).toBe(path);
});
