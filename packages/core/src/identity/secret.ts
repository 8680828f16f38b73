import { createHash, randomBytes } from 'node:crypto';

/**
 * The digest by which a `secret_key` goes to the database, which stores `salt || sha256(salt || digest)` (S6). The
 * secret itself appears in no statement, and so in no log of statements.
 */
export function secretDigest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** A fresh salt, in hex. */
export const newSalt = () => randomBytes(16).toString('hex');
