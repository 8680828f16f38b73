import { expect, test } from 'vitest';
import { hostnameKey, isSameHostname } from './hostname.ts';

test('S10: hostnames are one whatever the case of their ASCII letters, and of no others', () => {
  expect(isSameHostname('Edge-1.EXAMPLE', 'edge-1.example')).toBe(true);
  expect(isSameHostname('edge-1', 'edge-2')).toBe(false);
  // The Kelvin sign, the dotless i and the long s, which other rules fold into ASCII.
  for (const hostname of ['\u212a', '\u0131', '\u017f', '\u00c4', '\u0130']) {
    expect(hostnameKey(hostname)).toBe(hostname);
    expect(isSameHostname(hostname, hostname.toLowerCase())).toBe(hostname === hostname.toLowerCase());
  }
});
