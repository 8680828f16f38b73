/** S8: the most replaced runs, or endpoints of a plugin, that are kept. */
const kept = 100;

/** The hash by which a run or an endpoint is kept. */
export function hashSql(text: string): string {
  return `hashtext(${text})`;
}

/** S8: whether something that was last replaced `at` may still be alive: its lease would not have run out. */
export function isWithinLease(at: string, now: string, lease: string): string {
  return `coalesce(${at} >= ${now} - ${lease}, false)`;
}

/**
 * The replaced runs, or endpoints, once `old` is replaced too: the newest first. They begin anew where nothing was replaced
 * for as long as a lease, so that they stay few and only what may be alive is among them.
 */
export function withReplaced(replaced: string, old: string, isAlive: string): string {
  return `(${hashSql(old)} || CASE WHEN ${isAlive} THEN ${replaced} ELSE '{}' END)[1:${kept}]`;
}
