/**
 * S6: whether a supervisor (`s`) has a secret, and the request brings none or another.
 *
 * @param digest SQL of the secret's digest in hex; NULL where the request brings none
 * @param nonce SQL of random bytes: the comparison is blinded with them, so that its time tells nothing of the hash
 */
export function isWrongSecret(digest: string, nonce: string): string {
  return `(s.secret_hash IS NOT NULL AND (${digest} IS NULL OR
        sha256(${nonce} || sha256(substr(s.secret_hash, 1, 16) || decode(${digest}, 'hex')))
          <> sha256(${nonce} || substr(s.secret_hash, 17))))`;
}

/** S6: the hash to store of the secret that a report brings; NULL where it brings none. */
export function secretHash(report: string): string {
  return `decode(${report}."salt", 'hex') || sha256(decode(${report}."salt", 'hex') || decode(${report}."secretDigest", 'hex'))`;
}

/**
 * S6: whether a supervisor (`s`) takes the secret of the report (`r`): after an ADMIN's reset, or by the first publish of one
 * that was registered before (S2).
 */
export const takesSecret = '((s.secret_open OR s.awaits_first_publish) AND r."secretDigest" IS NOT NULL)';
