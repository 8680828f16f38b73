import { expect, test } from 'vitest';
import { tokenOf, tokenOfConnection } from './bearerToken.ts';

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

test('a WebSocket’s params come before its request’s header, also where they are wrong', () => {
  const headers = { authorization: 'Bearer header' };
  expect(tokenOfConnection({ authorization: 'Bearer params' }, headers)).toBe('params');
  expect(tokenOfConnection({ Authorization: 'Bearer params' }, headers)).toBe('params');
  expect(tokenOfConnection({ authorization: '' }, headers)).toBe('');
  expect(tokenOfConnection({ other: 1 }, headers)).toBe('header');
  expect(tokenOfConnection(undefined, {})).toBeNull();
});
