/**
 * P4: the assignments that withdraw a plugin, for `UPDATE plugins ... SET`. Such a plugin replaces none and is
 * attempted no more; the row goes once a report lacks it.
 *
 * @param reason SQL for the reason, a parameter or a literal
 * @param actor SQL for the actor, a parameter or a literal
 */
export function withdrawnSet(reason: string, actor: string): string {
  return `wanted = false, replaces_id = NULL, reason = ${reason}, next_attempt_at = NULL, actor = ${actor}`;
}
