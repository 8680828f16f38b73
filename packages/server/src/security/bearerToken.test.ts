import { expect, test } from 'vitest';
import { tokenOf, tokenOfConnection, tokenOfHeaders } from './bearerToken.ts';

test.each([
  [undefined, null],
  [null, null],
  ['Bearer abc', 'abc'],
  ['bearer   abc ', 'abc'],
  ['abc', 'abc'],
  ['', ''],
  ['Basic YTpi', 'Basic YTpi'],
  [7, '7'],
])('the credential in %j is %j', (authorization, token) => {
  expect(tokenOf(authorization)).toBe(token);
});

test('a header may be called token as well, as the metadata of gRPC is', () => {
  expect(tokenOfHeaders({ token: 'abc' })).toBe('abc');
  expect(tokenOfHeaders({ token: 'Bearer abc', authorization: 'Basic YTpi' })).toBe('abc');
  expect(tokenOfHeaders({ authorization: 'Bearer abc' })).toBe('abc');
  expect(tokenOfHeaders({})).toBeNull();
});

test.each<Record<string, unknown>>([
  { authorization: 'Bearer abc' },
  { Authorization: 'Bearer abc' },
  { AUTHORIZATION: 'abc' },
  { token: 'abc' },
  { Token: 'Bearer abc' },
  { headers: { authorization: 'Bearer abc' } },
  { headers: { Authorization: 'abc' } },
  { headers: { TOKEN: 'abc' } },
  { authorization: null, headers: { Authorization: 'Bearer abc' } },
  { authorization: 'Bearer abc', headers: { authorization: 'Bearer other' } },
])('a WebSocket’s params may be %j', (params) => {
  expect(tokenOfConnection(params, { authorization: 'Bearer header' })).toBe('abc');
});

test('a WebSocket’s params come before its request’s header, also where they are wrong', () => {
  const headers = { authorization: 'Bearer header' };
  expect(tokenOfConnection({ authorization: 'Bearer params' }, headers)).toBe('params');
  expect(tokenOfConnection({ Authorization: 'Bearer params' }, headers)).toBe('params');
  expect(tokenOfConnection({ authorization: '' }, headers)).toBe('');
  for (const headersParam of [undefined, null, 7, 'abc', ['a'], {}]) {
    expect(tokenOfConnection({ other: 1, headers: headersParam }, headers)).toBe('header');
  }
  expect(tokenOfConnection(undefined, {})).toBeNull();
});
