import { isIP } from 'node:net';

/** A network of addresses; a single address is the smallest network. */
export interface Network {
  readonly address: string;
  /** The number of leading bits that all its addresses have in common. */
  readonly prefix: number;
}

/** Parses an address or a network in CIDR notation. @returns null for a text that is neither */
export function parseNetwork(text: string): Network | null {
  const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const longest = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  const prefix = bits === undefined ? longest : Number(bits);
  return longest > 0 && prefix <= longest ? { address, prefix } : null;
}
