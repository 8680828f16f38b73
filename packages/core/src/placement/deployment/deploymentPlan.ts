import { type Claims, type Considered, consider, type Decision, isServing } from './decision.ts';
import type { DeploymentSituation, SeenPlugin, SupervisorSituation } from './deploymentSituation.ts';
import { isHalted, versionToInstall } from './deploymentSituation.ts';
import { type DeploymentStatus, statusOf } from './deploymentStatus.ts';
import { planAll } from './planAll.ts';
import { planCount } from './planCount.ts';

/** One round of a deployment. */
export interface DeploymentPlan {
  /** The decision for each supervisor, now and in further rounds. */
  readonly decisions: readonly Decision[];
  /** The decisions that this round carries out. */
  readonly due: readonly Decision[];
  /** Plugins of another version beside the deployment's, which serves: no rollout takes them off. */
  readonly leftovers: readonly string[];
  /** The version that an installed plugin gets. */
  readonly version: string;
  /** C3: the version from which a rollout begins; null where none does. */
  readonly rolloutFrom: string | null;
  readonly status: DeploymentStatus;
  /** C4: the supervisors that newer deployments of the plugin leave alone. */
  readonly claims: readonly string[];
}

/**
 * M7, C2 to C4: plans one round of a deployment. The same decisions answer a dry run (B2), explain a placement, and are
 * carried out, `maxUnavailable` at a time.
 *
 * @param claimed the supervisors that older deployments of the plugin claim
 */
export function planDeployment(
  deployment: DeploymentSituation,
  supervisors: readonly SupervisorSituation[],
  claimed: Claims,
): DeploymentPlan {
  const version = versionToInstall(deployment);
  const versions = { install: version, upgrade: isHalted(deployment) ? null : deployment.version };
  const considered = consider(deployment, supervisors, versions, claimed);
  const decisions =
    deployment.mode === 'ALL'
      ? planAll(considered, deployment.version)
      : planCount({ ...deployment, count: deployment.count ?? 0 }, considered);
  const isRetired = deployment.retiredVersions.includes(version);
  const rolloutFrom = rolloutOrigin(deployment, decisions, considered);
  return {
    decisions,
    due: dueOf(deployment, decisions, considered, isRetired),
    leftovers: deployment.isPaused ? [] : considered.flatMap((each) => leftoversOf(deployment, each)),
    version,
    rolloutFrom,
    status: statusOf({ deployment, decisions, considered, claimed, version, rolloutFrom }),
    claims: decisions.filter((decision) => claims(deployment, decision)).map(({ supervisor }) => supervisor.id),
  };
}

/** C3: the decisions that may be carried out now: `maxUnavailable` at a time, counting those of earlier rounds that are not done yet. */
function dueOf(
  { id, maxUnavailable, isPaused }: DeploymentSituation,
  decisions: readonly Decision[],
  considered: readonly Considered[],
  isRetired: boolean,
): Decision[] {
  const due = decisions.filter(({ isDue }) => isDue);
  const live = considered.filter(({ supervisor }) => supervisor.state === 'ENABLED');
  const isComingUp = ({ state }: SeenPlugin) => state === 'PROVISIONING' || state === 'RE_PROVISIONING';
  const comingUp = live.filter(({ supervisor, own }) => !supervisor.isInStep && own.some(isComingUp)).length;
  const stopping = live.filter(({ supervisor }) =>
    supervisor.plugins.some((plugin) => plugin.deploymentId === id && !plugin.wanted && !plugin.unreported),
  ).length;
  const of = (action: Decision['action']) => due.filter((decision) => decision.action === action);
  const withdrawn = of('WITHDRAW').slice(0, Math.max(0, maxUnavailable - stopping));
  // A drain is not held up by a pause.
  if (isPaused) return withdrawn.filter(({ rule }) => rule === 'DRAINING');
  const installed = isRetired ? [] : of('INSTALL').slice(0, Math.max(0, maxUnavailable - comingUp));
  return [...of('ADOPT'), ...withdrawn, ...installed];
}

/** C3: the most frequent of the other versions that a rollout can replace now. */
function rolloutOrigin(
  deployment: DeploymentSituation,
  decisions: readonly Decision[],
  considered: readonly Considered[],
): string | null {
  const { rollout, otherRolloutId, isPaused, retiredVersions, version } = deployment;
  if (isPaused || otherRolloutId !== null || isHalted(deployment) || retiredVersions.includes(version)) return null;
  if (rollout !== null && !rollout.isOver) return null;
  const upgraded = new Set(
    decisions
      .filter(({ action, supervisor }) => action === 'UPGRADE' && canBeUpgraded(supervisor, version))
      .map(({ supervisor }) => supervisor.id),
  );
  const versions = considered
    .filter(({ supervisor }) => upgraded.has(supervisor.id))
    .flatMap(({ own }) => own.filter(({ isRelocating }) => !isRelocating).map((plugin) => plugin.version));
  const counts = [...Map.groupBy(versions, (each) => each)].map(([each, found]) => ({ each, count: found.length }));
  counts.sort((a, b) => b.count - a.count || (a.each < b.each ? -1 : 1));
  return counts[0]?.each ?? null;
}

/** R4: a rollout skips a supervisor on which the new version is wanted already: it would end at once, and another begin. */
function canBeUpgraded({ state, cordoned, hasFailed, plugins }: SupervisorSituation, version: string): boolean {
  const isThere = plugins.some((each) => each.managed && each.wanted && each.version === version);
  return state === 'ENABLED' && !cordoned && !hasFailed && !isThere;
}

function leftoversOf({ version, rollout }: DeploymentSituation, each: Considered): string[] {
  const { supervisor, own } = each;
  if (own.length < 2 || supervisor.isInStep || (rollout !== null && !rollout.isOver)) return [];
  const isKept = own.some((plugin) => plugin.version === version && plugin.state === 'ACTIVE') && isServing(each);
  return isKept ? own.filter((plugin) => plugin.version !== version).map(({ id }) => id) : [];
}

/** C4: ALL claims whatever matches, COUNT what it has or is about to have; and both what they have not left yet. */
function claims({ mode }: DeploymentSituation, { action, rule }: Decision): boolean {
  if (action !== null) return true;
  return mode === 'ALL' && (rule === 'NOT_ENABLED' || rule === 'CORDONED' || rule === 'DRAINING');
}
