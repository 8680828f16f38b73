import type { Decision, DeploymentAction } from './decision.ts';
import type { DeploymentRule } from './deploymentRules.ts';

/** The action of a deployment on one supervisor, done or foreseen. */
export interface DeploymentPlacement {
  readonly supervisorId: string;
  readonly name: string;
  /** Null for a supervisor that gets nothing. */
  readonly action: DeploymentAction | null;
  /** Why it gets nothing, or loses what it has; null where neither is so. */
  readonly rule: DeploymentRule | null;
  /** The labels that it lacks; null unless the rule is LABELS. */
  readonly lackingLabels: Readonly<Record<string, unknown>> | null;
}

/** A decision, as it is shown. */
export function placementOf({ supervisor, action, rule }: Decision): DeploymentPlacement {
  const { id: supervisorId, name, lackingLabels } = supervisor;
  return { supervisorId, name, action, rule, lackingLabels: rule === 'LABELS' ? lackingLabels : null };
}

/** The decisions that give or take something, or leave it as it is. */
export function placementsOf(decisions: readonly Decision[]): DeploymentPlacement[] {
  return decisions.filter(({ action }) => action !== null).map(placementOf);
}
