import type { SupervisorState } from '@muster/db';

/** The properties of a supervisor that the rules of a deployment look at. */
export interface ConsideredCandidate {
  readonly id: string;
  readonly name: string;
  readonly domainId: string;
  readonly state: SupervisorState;
  /** Whether it is of the domain, or public and the deployment takes public supervisors (M2). */
  readonly isInReach: boolean;
  readonly cordoned: boolean;
  /** The labels asked for that it lacks, or has with another value; null for none. */
  readonly lackingLabels: Readonly<Record<string, unknown>> | null;
  readonly meetsFilter: boolean;
}

/** The rules by which a deployment gives a supervisor nothing, or takes off what it gave, each with its text for operators. */
export const deploymentRules = {
  OTHER_DOMAIN: 'it belongs to another domain, and the deployment takes no public supervisors, or it is not public',
  LABELS: 'its labels do not contain all the labels of the deployment',
  FILTER: 'it does not meet the filter of the deployment',
  CONFLICT: 'an older deployment of the plugin has it',
  NOT_ENABLED: 'it is not ENABLED',
  CORDONED: 'it is cordoned: nothing new is placed on it',
  ENOUGH: 'the deployment has as many supervisors as it wants',
  DRAINING: 'its plugins are moved away by a drain',
  AWAY: 'it has been away for longer than replaceAfterSeconds',
} as const;
/** The name of such a rule. */
export type DeploymentRule = keyof typeof deploymentRules;

/** C2: the rule by which a deployment doesn't select a supervisor, whatever its state; null where it selects it. */
export function deselectedBy(supervisor: ConsideredCandidate, isClaimed: boolean): DeploymentRule | null {
  if (!supervisor.isInReach) return 'OTHER_DOMAIN';
  if (supervisor.lackingLabels !== null) return 'LABELS';
  if (!supervisor.meetsFilter) return 'FILTER';
  return isClaimed ? 'CONFLICT' : null;
}

/** M1: the rule by which a supervisor that is selected takes nothing new now; null where it does. */
export function barredBy({ state, cordoned }: ConsideredCandidate): DeploymentRule | null {
  if (state !== 'ENABLED') return 'NOT_ENABLED';
  return cordoned ? 'CORDONED' : null;
}
