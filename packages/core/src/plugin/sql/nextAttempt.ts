import type { Settings } from '../../base/settings.ts';

/** P5: how often a plugin that failed is attempted again, and after which pauses. */
export interface AttemptPolicy {
  restartBudget: number;
  backoffMs: number;
  longestBackoffMs: number;
}

/** The policy that the settings give. */
export function attemptPolicyOf(settings: Settings): AttemptPolicy {
  return {
    restartBudget: settings.restartBudget,
    backoffMs: settings.attemptBackoffSeconds * 1000,
    longestBackoffMs: settings.attemptBackoffMaxSeconds * 1000,
  };
}

/** Bounds the exponent: a budget may be large, and PostgreSQL can't compute 2^1024. */
const mostDoublings = 30;

/**
 * P5: whether a plugin (`p`, as it was before it failed) is attempted again: it is wanted, its budget isn't spent, and
 * the control plane asked for it, by an install or a recover. An agent sees to the others by itself.
 *
 * @param policy the placeholders of the policy's fields
 */
export function isAttemptedAgain({ restartBudget }: Readonly<Record<keyof AttemptPolicy, string>>): string {
  return `(p.wanted AND p.attempt < ${restartBudget}
      AND (p.managed OR p.state = 'RE_PROVISIONING' OR p.generation > p.observed_generation))`;
}

/** P5: the time of the next attempt at a plugin (`p`) that failed at `now`: the pause doubles with each attempt. */
export function nextAttemptAt(
  now: string,
  { backoffMs, longestBackoffMs }: Readonly<Record<keyof AttemptPolicy, string>>,
): string {
  return `${now} + least(${backoffMs} * 2 ^ least(p.attempt - 1, ${mostDoublings}), ${longestBackoffMs}) * interval '1 millisecond'`;
}
