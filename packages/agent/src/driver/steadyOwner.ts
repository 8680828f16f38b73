import { createHash } from 'node:crypto';

/**
 * The owner of all that an agent runs, drawn from what stays when its folder doesn't: the domain and the host. It is a
 * label's value, 63 characters at most, and ends in a hash: two agents of one namespace whose names are long, or read the
 * same once they are joined, would else stop each other's plugins (G2).
 *
 * @param domainId undefined where the credential alone says it
 */
export function steadyOwner(domainId: string | undefined, hostname: string): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([domainId ?? null, hostname]))
    .digest('hex')
    .slice(0, 8);
  const plain = `${domainId ?? 'domain'}-${hostname}`
    .replaceAll(/[^a-zA-Z0-9._-]/g, '-')
    .replace(/^[^a-zA-Z0-9]+/, '')
    .slice(0, 54);
  return `${plain}-${hash}`;
}
