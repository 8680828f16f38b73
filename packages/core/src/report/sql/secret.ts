import { parameters } from './parameters.ts';

/** S6: whether a supervisor (`s`) has a secret, and the report (`r`) brings none or another. */
export const isWrongSecret = `(s.secret_hash IS NOT NULL AND (r."secretDigest" IS NULL OR
        -- Blinded with a nonce, so that the time that the comparison takes tells nothing of the hash.
        sha256(${parameters.nonce} || sha256(substr(s.secret_hash, 1, 16) || decode(r."secretDigest", 'hex')))
          <> sha256(${parameters.nonce} || substr(s.secret_hash, 17))))`;

/** S6: the hash to store of the secret that a report brings; NULL where it brings none. */
export function secretHash(report: string): string {
  return `decode(${report}."salt", 'hex') || sha256(decode(${report}."salt", 'hex') || decode(${report}."secretDigest", 'hex'))`;
}

/** S6: whether a supervisor (`s`) takes the secret of the report (`r`), after an ADMIN's reset. */
export const takesSecret = '(s.secret_open AND r."secretDigest" IS NOT NULL)';
