import { expect, test } from 'vitest';
import { parseNetwork } from './network.ts';

test.each(['10.0.0.0/33', '10.0.0', 'proxy.example', '10.0.0.0/8/8', '::1/129', '10.0.0.1/', '10.0.0.1/-1', ''])(
  '%s is no network',
  (text) => {
    expect(parseNetwork(text)).toBeNull();
  },
);

test('an address is a network of one', () => {
  expect([parseNetwork('10.0.0.1'), parseNetwork('::1'), parseNetwork('10.0.0.0/8')]).toEqual([
    { address: '10.0.0.1', prefix: 32 },
    { address: '::1', prefix: 128 },
    { address: '10.0.0.0', prefix: 8 },
  ]);
});
