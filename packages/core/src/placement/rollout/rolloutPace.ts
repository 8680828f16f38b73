import { z } from 'zod';
import { badUserInput } from '../../base/errors.ts';
import { describe } from '../../base/validate.ts';

/** Thirty days. */
export const longestSeconds = 30 * 86_400;
/** R3: 24 hours. */
export const defaultDeadlineSeconds = 86_400;
const defaultMinHealthySeconds = 10;
/** The most supervisors that a number may be for. */
export const mostSupervisors = 100_000;

/** R1 to R5: the fields that say how fast and how carefully a rollout goes. */
export const rolloutPace = {
  /** R1: how many seconds the new version must be ACTIVE without a break. Default 10, and less than the deadline. */
  minHealthySeconds: z.int().min(0).max(longestSeconds).nullish(),
  /** R1: within how many seconds that must be so on each. Default: the provisioning deadline. */
  healthyDeadlineSeconds: z.int().min(1).max(longestSeconds).nullish(),
  /** R2: how many steps may fail before the rollout halts. Default 0. */
  maxFailures: z.int().min(0).max(mostSupervisors).nullish(),
  /** R2: what it does then. Default ROLL_BACK. */
  onFailure: z.enum(['ROLL_BACK', 'PAUSE'], 'expected ROLL_BACK or PAUSE').nullish(),
  /** R3: for how many seconds supervisors that can take nothing are waited for. Default 24 hours. */
  deadlineSeconds: z.int().min(1).max(longestSeconds).nullish(),
  /** R5: the supervisors that are first, before the others wait for a promotion. Default: none. */
  canary: z
    .object({
      count: z.int().min(1).max(mostSupervisors),
      /** After how many seconds the promotion comes by itself. Default: never. */
      autoPromoteSeconds: z.int().min(0).max(longestSeconds).nullish(),
    })
    .nullish(),
};

interface HealthInput {
  readonly minHealthySeconds?: number | null | undefined;
  readonly healthyDeadlineSeconds?: number | null | undefined;
}

/**
 * R1: the times by which a step is judged.
 *
 * @param path the path of the object that has them; by default the input itself
 * @throws DomainError BAD_USER_INPUT for a time of health as long as the deadline
 */
export function healthOf(
  { minHealthySeconds, healthyDeadlineSeconds }: HealthInput,
  provisioningDeadlineSeconds: number,
  path: readonly string[] = [],
): { minHealthySeconds: number; healthyDeadlineSeconds: number } {
  const deadline = healthyDeadlineSeconds ?? provisioningDeadlineSeconds;
  const least = minHealthySeconds ?? Math.min(defaultMinHealthySeconds, deadline - 1);
  if (least >= deadline) {
    throw badUserInput(
      [...path, 'minHealthySeconds'],
      `expected less than healthyDeadlineSeconds, which is ${deadline}; got ${describe(least)}`,
    );
  }
  return { minHealthySeconds: least, healthyDeadlineSeconds: deadline };
}
