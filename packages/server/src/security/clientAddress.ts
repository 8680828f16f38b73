import { BlockList, isIP, isIPv4 } from 'node:net';
import type { Network } from '../config/network.ts';

/** The address that a client is counted by. */
export interface ClientAddress {
  /** The whole address, for the log: `192.0.2.7`, `2001:db8::1`. */
  readonly text: string;
  /** The address that limits count: an IPv4 address, or the /64 of an IPv6 address, which one client has to itself. */
  readonly key: string;
}

/** The address of a connection whose socket has none: a Unix socket, or a peer that has gone. */
const unknownAddress: ClientAddress = { text: 'unknown', key: 'unknown' };

/** The proxies whose word about a client's address counts. */
export interface TrustedProxies {
  /** Whether this address is a trusted proxy's. */
  has(address: string): boolean;
}

/** Trusts the proxies in these networks. */
export function trustProxies(networks: readonly Network[]): TrustedProxies {
  if (networks.length === 0) return { has: () => false };
  const list = new BlockList();
  for (const { address, prefix } of networks) list.addSubnet(address, prefix, familyOf(address));
  return { has: (address) => isIP(address) !== 0 && list.check(address, familyOf(address)) };
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv4(address) ? 'ipv4' : 'ipv6';
}

/**
 * The address of a client: that of its connection; behind trusted proxies the rightmost address of `X-Forwarded-For` that
 * is none of theirs. Everything to the left of it may be made up.
 *
 * @param remoteAddress the address of the connection's other end
 * @param forwardedFor the header or metadata `X-Forwarded-For`
 */
export function clientAddress(
  proxies: TrustedProxies,
  remoteAddress: string | undefined,
  forwardedFor: string | undefined,
): ClientAddress {
  if (remoteAddress === undefined) return unknownAddress;
  let address = plain(remoteAddress);
  const hops = forwardedFor?.split(',') ?? [];
  while (proxies.has(address)) {
    const hop = plain(withoutPort(hops.pop()?.trim() ?? ''));
    // The proxy named no client, or one that is no address: then the proxy is the last address that is certain.
    if (isIP(hop) === 0) break;
    address = hop;
  }
  return { text: address, key: isIP(address) === 6 ? networkOf(address) : address };
}

/** An IPv4 address in IPv6's form (`::ffff:192.0.2.7`) as IPv4, without IPv6's zone. */
function plain(address: string): string {
  const [bare = ''] = address.split('%', 1);
  const mapped = bare.toLowerCase().startsWith('::ffff:') ? bare.slice('::ffff:'.length) : '';
  return isIPv4(mapped) ? mapped : bare;
}

/** Some proxies add the port: `192.0.2.7:4711`, `[2001:db8::1]:4711`. */
function withoutPort(hop: string): string {
  return /^\[(.*)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
}

/** The /64 of an IPv6 address. */
function networkOf(address: string): string {
  // URL writes an address in the one short form, with at most one `::`.
  const short = URL.parse(`http://[${address}]`)?.hostname.slice(1, -1) ?? address;
  const [head = '', tail] = short.split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...right];
  return `${groups.slice(0, 4).join(':')}::/64`;
}
