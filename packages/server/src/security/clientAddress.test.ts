import { describe, expect, test } from 'vitest';
import { parseNetwork } from '../config/network.ts';
import { clientAddress, trustProxies } from './clientAddress.ts';

const trust = (...texts: string[]) => trustProxies(texts.flatMap((text) => parseNetwork(text) ?? []));

describe('W11: a client is counted by', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('the address of its connection, %s: %s', (remote, key) => {
    expect(clientAddress(trust(), remote, '198.51.100.1').key).toBe(key);
  });

  test.each([
    ['the rightmost hop that is no proxy', '203.0.113.9, 198.51.100.1, 10.0.0.2', '198.51.100.1'],
    ['a hop that the proxy named, and nothing to the left of it', '10.0.0.9, 198.51.100.1', '198.51.100.1'],
    ['the leftmost hop where all are proxies', '10.0.0.3, 10.0.0.2', '10.0.0.3'],
    ['the proxy where it named nobody', undefined, '10.1.2.3'],
    ['the proxy where it named no address', 'made up', '10.1.2.3'],
    ['the proxy that is certain, where the next hop is no address', '198.51.100.1, made up, 10.0.0.2', '10.0.0.2'],
    ['a hop with a port', '198.51.100.1:4711', '198.51.100.1'],
    ['a hop of IPv6 with a port', '[2001:db8:1:2::9]:4711', '2001:db8:1:2::/64'],
    ['the /64 of a hop of IPv6', '2001:db8:1:2:aaaa::9', '2001:db8:1:2::/64'],
  ])('behind a trusted proxy, %s: %s', (_title, forwardedFor, key) => {
    expect(clientAddress(trust('10.0.0.0/8', 'fd00::/8'), '::ffff:10.1.2.3', forwardedFor).key).toBe(key);
  });

  test('its own address where the connection is from nobody trusted, whatever the header says', () => {
    expect(clientAddress(trust('10.0.0.1'), '10.0.0.2', '198.51.100.1').key).toBe('10.0.0.2');
  });
});
