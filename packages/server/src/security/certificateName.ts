import type { X509Certificate } from 'node:crypto';

/**
 * The hostname in a client's certificate: the first DNS name of its alternative names, else the common name of its
 * subject. Null where it has neither, or one with characters that no hostname has.
 */
export function certificateName({ subjectAltName, subject }: X509Certificate): string | null {
  // Node puts quotes around names that could be taken for several; such a name is no hostname.
  const [, dnsName] = /(?:^|, )DNS:([^,"]+)(?:,|$)/.exec(subjectAltName ?? '') ?? [];
  const [, commonName] = /^CN=(.+)$/m.exec(subject ?? '') ?? [];
  const name = dnsName ?? commonName;
  return name !== undefined && /^[\w.-]{1,255}$/.test(name) ? name : null;
}
