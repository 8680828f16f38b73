import type { Deployment } from '@muster/db';
import { barredBy, type DeploymentRule, deselectedBy } from './deploymentRules.ts';
import type { DeploymentSituation, SeenPlugin, SupervisorSituation } from './deploymentSituation.ts';

/** The action of a deployment on a supervisor: KEEP leaves it as it is, UPGRADE is the rollout's to do. */
export type DeploymentAction = 'INSTALL' | 'ADOPT' | 'KEEP' | 'UPGRADE' | 'WITHDRAW';

/** The meaning of a deployment for one supervisor. */
export interface Decision {
  readonly supervisor: SupervisorSituation;
  /** Null for a supervisor that gets nothing. */
  readonly action: DeploymentAction | null;
  /** Why it gets nothing, or loses what it has; null where neither is so. */
  readonly rule: DeploymentRule | null;
  /** Whether it may be done now, as far as the round has room. */
  readonly isDue: boolean;
  /** The plugins that are adopted or withdrawn. */
  readonly pluginIds: readonly string[];
}

/** C4: the older deployment that claims each supervisor, by the supervisor's id. */
export type Claims = ReadonlyMap<string, Pick<Deployment, 'id' | 'name'>>;

/** A supervisor with what a deployment has there, and the rules that bar it. */
export interface Considered {
  readonly supervisor: SupervisorSituation;
  /** The plugins that are wanted there for the deployment. */
  readonly own: readonly SeenPlugin[];
  /** The plugin that can be adopted; undefined for none (C4). */
  readonly adoptable: SeenPlugin | undefined;
  /** The same where it has another version already: no rollout replaces what is there. */
  readonly adoptableUpgrade: SeenPlugin | undefined;
  /** Whether a newer deployment of the plugin has it. */
  readonly isOfNewer: boolean;
  readonly deselected: DeploymentRule | null;
  /** Whether what the deployment has there is no longer to be: an older one that claims the supervisor is served first. */
  readonly isLost: boolean;
  readonly barred: DeploymentRule | null;
}

/**
 * Looks at each supervisor for a deployment.
 *
 * @param versions `install`: the version that a supervisor gets which has none yet; `upgrade`: the one that others get, null
 * where a rollout to it was halted
 * @param claimed the supervisors that older deployments of the plugin claim (C4)
 */
export function consider(
  { id }: Pick<DeploymentSituation, 'id'>,
  supervisors: readonly SupervisorSituation[],
  versions: { readonly install: string; readonly upgrade: string | null },
  claimed: Claims,
): Considered[] {
  return supervisors.map((supervisor) => {
    const wanted = supervisor.plugins.filter((plugin) => plugin.wanted && plugin.managed);
    const others = wanted.filter(({ deploymentId }) => deploymentId !== id);
    const claimant = claimed.get(supervisor.id);
    const free = claimant ? [] : others.filter(({ isRelocating }) => !isRelocating);
    const deselected = deselectedBy(supervisor, claimant !== undefined);
    const isServedByOlder = others.some(
      ({ deploymentId, state }) => deploymentId === claimant?.id && state === 'ACTIVE',
    );
    return {
      supervisor,
      own: wanted.filter(({ deploymentId }) => deploymentId === id),
      adoptable: free.find((plugin) => plugin.version === versions.install),
      adoptableUpgrade: free.find((plugin) => plugin.version === versions.upgrade),
      isOfNewer: others.some(({ deploymentId }) => deploymentId !== null),
      deselected,
      isLost: deselected !== null && (deselected !== 'CONFLICT' || isServedByOlder),
      barred: barredBy(supervisor),
    };
  });
}

/** P8: whether a plugin of the deployment is served there. */
export function isServing({ supervisor: { state }, own }: Considered): boolean {
  return (state === 'ENABLED' || state === 'DISABLED') && own.some((plugin) => plugin.state === 'ACTIVE');
}

/** D1, M6: whether a drain moves away what is there. */
export function isDrained({ supervisor, own }: Considered): boolean {
  return supervisor.isDraining && !own.some(({ pinned }) => pinned);
}

/**
 * A supervisor that keeps what it has; another version than the deployment's is the rollout's to change, unless an older
 * deployment is about to be served there.
 */
export function keep(
  { supervisor, own, adoptableUpgrade }: Considered,
  version: string,
  rule: DeploymentRule | null = null,
): Decision {
  const decision = { supervisor, rule, isDue: false, pluginIds: [] };
  if (rule === 'CONFLICT' || own.some((plugin) => plugin.version === version)) return { ...decision, action: 'KEEP' };
  if (!adoptableUpgrade) return { ...decision, action: 'UPGRADE' };
  return { ...decision, action: 'ADOPT', isDue: !supervisor.isInStep, pluginIds: [adoptableUpgrade.id] };
}

/** A supervisor that loses what it has: a rollout's step there ends first. */
export function withdraw({ supervisor, own }: Considered, rule: DeploymentRule, isDue = true): Decision {
  const pluginIds = own.map(({ id }) => id);
  return { supervisor, action: 'WITHDRAW', rule, isDue: isDue && !supervisor.isInStep, pluginIds };
}

/** A supervisor that gets it: by an adoption, where it is there already (C4). */
export function give({ supervisor, adoptable }: Considered): Decision {
  const isDue = !supervisor.isInStep;
  if (!adoptable) return { supervisor, action: 'INSTALL', rule: null, isDue, pluginIds: [] };
  return { supervisor, action: 'ADOPT', rule: null, isDue, pluginIds: [adoptable.id] };
}

/** A supervisor that gets nothing. */
export function pass({ supervisor }: Considered, rule: DeploymentRule): Decision {
  return { supervisor, action: null, rule, isDue: false, pluginIds: [] };
}
