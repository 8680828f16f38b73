/*
 * S10: hostnames are one whatever the case of their ASCII letters, and are shown as they were first given. The rule
 * stands here once, for values in memory and for SQL.
 */

/** The hostname that distinguishes it from others: its ASCII letters in lower case. */
export function hostnameKey(hostname: string): string {
  return hostname.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Whether two hostnames are one. */
export function isSameHostname(one: string, other: string): boolean {
  return hostnameKey(one) === hostnameKey(other);
}

/** `hostnameKey` as SQL; in the collation "C", `lower` knows ASCII letters alone. */
export function hostnameKeySql(hostname: string): string {
  return `lower(${hostname} COLLATE "C")`;
}
