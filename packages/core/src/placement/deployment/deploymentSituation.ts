import type { Deployment, PluginState, RolloutState, SupervisorState } from '@muster/db';
import type { ConsideredCandidate } from './deploymentRules.ts';

/** A plugin of the deployment's domain and plugin id on a supervisor, in whatever version. */
export interface SeenPlugin {
  readonly id: string;
  readonly version: string;
  readonly state: PluginState;
  readonly managed: boolean;
  readonly wanted: boolean;
  readonly pinned: boolean;
  /** Whether no report has had it yet. */
  readonly unreported: boolean;
  /** The deployment that it is kept for; null for a one-off install. */
  readonly deploymentId: string | null;
  /** Whether it is being moved, or is itself a replacement. */
  readonly isRelocating: boolean;
}

/** A supervisor as a deployment looks at it. */
export interface SupervisorSituation extends ConsideredCandidate {
  readonly state: SupervisorState;
  /** Whether its plugins are being moved away (D1). */
  readonly isDraining: boolean;
  /** C3: whether it has been away for longer than `replaceAfterSeconds`. */
  readonly isAway: boolean;
  /** Whether a step of a rollout of the plugin is under way there: it must end first. */
  readonly isInStep: boolean;
  /** Whether it failed in a rollout to the version since that was asked for. */
  readonly hasFailed: boolean;
  readonly priority: number;
  /** How many plugins of the domain are wanted there (M2). */
  readonly pluginCount: number;
  /** The value of the label over whose values the deployment is spread; null where it has none. */
  readonly spreadValue: string | null;
  readonly plugins: readonly SeenPlugin[];
}

/** The rollout to the deployment's version. */
export interface RolloutOfDeployment {
  readonly id: string;
  readonly state: RolloutState;
  readonly fromVersion: string;
  readonly toVersion: string;
  readonly message: string | null;
  readonly isOver: boolean;
}

/** A deployment, with what decides beside its supervisors. */
export interface DeploymentSituation
  extends Pick<
    Deployment,
    'id' | 'domainId' | 'name' | 'pluginId' | 'version' | 'mode' | 'count' | 'maxUnavailable' | 'isPaused'
  > {
  /** The last rollout since the version was asked for; null where there was none. */
  readonly rollout: RolloutOfDeployment | null;
  /** Another rollout of the plugin that is under way; null for none. */
  readonly otherRolloutId: string | null;
  /** C1: which of the versions that it may install have a retired release. */
  readonly retiredVersions: readonly string[];
}

/** Whether a rollout ended without bringing the version: it is not tried again by itself. */
export function isHalted({ rollout, version }: Pick<DeploymentSituation, 'rollout' | 'version'>): boolean {
  return (
    rollout?.toVersion === version &&
    (rollout.state === 'ROLLED_BACK' || rollout.state === 'ROLLBACK_FAILED' || rollout.state === 'CANCELED')
  );
}

/**
 * The version that a supervisor gets which has none yet. While a rollout is under way, and after it went back, that is
 * the old version: the rollout takes newcomers up in their turn, and brings all of them back if it must.
 */
export function versionToInstall(deployment: DeploymentSituation): string {
  const { rollout, version, retiredVersions } = deployment;
  if (rollout === null || (rollout.isOver && !isHalted(deployment))) return version;
  return retiredVersions.includes(rollout.fromVersion) && !isHalted(deployment) ? version : rollout.fromVersion;
}
