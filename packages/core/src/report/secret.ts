import { createHash, randomBytes } from 'node:crypto';

/**
 * What stands for a `secret_key` on its way to the database, which keeps `salt || sha256(salt || digest)` (S6): the
 * secret itself appears in no statement, and so in no log of one.
 */
export function secretDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

export const newSalt = () => randomBytes(16).toString('hex');
export const newNonce = () => randomBytes(32);
