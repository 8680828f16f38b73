import type { Deployment, Sql } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { newPluginInstanceId, newRolloutId } from '../../base/ids.ts';
import type { CoreInternals } from '../../core.ts';
import { pluginReasons } from '../../plugin/lifecycle.ts';
import { lockRetired, readRetired } from '../../release/sql/readRetired.ts';
import { playRounds } from '../rollout/rolloutRound.ts';
import { insertRollout } from '../rollout/sql/insertRollout.ts';
import { type PlacedPlugins, placePlugins } from '../sql/placePlugin.ts';
import type { Claims, Decision } from './decision.ts';
import { specOf } from './deploymentInput.ts';
import { type DeploymentPlan, planDeployment } from './deploymentPlan.ts';
import { type DeploymentStatus, isStatusOf } from './deploymentStatus.ts';
import { adoptPlugins } from './sql/adoptPlugins.ts';
import { type DeploymentWithRollout, readDeployment, readDeployments } from './sql/readDeployments.ts';
import { readSituations } from './sql/readSituations.ts';
import { setDeploymentRollout } from './sql/setDeploymentRollout.ts';
import { setDeploymentStatus } from './sql/setDeploymentStatus.ts';
import { withdrawDeployed } from './sql/withdrawDeployed.ts';

/** The plugin of a domain, whose deployments are planned together. */
export interface DeployedPlugin {
  readonly domainId: string;
  readonly pluginId: string;
}

/** Changes that one transaction makes at most for a deployment; the next one goes on. */
const mostActions = 1_000;
/** Plans of one deployment in one transaction: what a plan does may leave something to do. */
const mostPlans = 5;

/**
 * M7: plays rounds of each deployment of a plugin, within `inPlacement`; the older come first, and claim their
 * supervisors (C4).
 *
 * @returns whether there is more to do at once
 */
export async function playDeployments(core: CoreInternals, sql: Sql, plugin: DeployedPlugin): Promise<boolean> {
  const claimed = new Map<string, Pick<Deployment, 'id' | 'name'>>();
  let hasMore = false;
  for (const [i, listed] of (await readDeployments(sql, plugin)).entries()) {
    // One before it may have begun a rollout of the plugin.
    const found = i === 0 ? listed : await readDeployment(sql, listed.deployment);
    if (!found) continue;
    const { deployment } = found;
    const { plan, refusal, isDone } = await playDeployment(core, sql, found, claimed);
    const status = withRefusal(plan.status, refusal);
    if (!isStatusOf(deployment, status)) await setDeploymentStatus(sql, deployment.id, status, core.clockOffsetMs());
    for (const id of plan.claims) claimed.set(id, deployment);
    hasMore ||= !isDone;
  }
  return hasMore;
}

/** Plans a deployment, and carries the plan out, until a plan changes nothing; returns that plan. */
async function playDeployment(core: CoreInternals, sql: Sql, found: DeploymentWithRollout, claimed: Claims) {
  let present = found;
  for (let plans = 1; ; plans++) {
    // C1: a release that may be placed is not retired before the transaction has ended.
    const plan = await planFor(core, sql, present, claimed, { isRetired: lockRetired });
    const { changed, refusal } = await carryOut(core, sql, present.deployment, plan);
    // A command of an operator answers before all is done, where that is much.
    const isMuch = plan.due.length > mostActions;
    if (!changed || refusal !== null || isMuch || plans === mostPlans) {
      return { plan, refusal, isDone: !changed || refusal !== null };
    }
    // Carrying out a plan may give it another rollout, and end one.
    const next = await readDeployment(sql, present.deployment);
    if (!next) throw new Error(`${present.deployment.id} is gone`);
    present = next;
  }
}

interface PlanOptions {
  /** Whether also supervisors are decided about that neither match nor have anything of it. Default false. */
  readonly includesOthers?: boolean;
  /** C1: finds the release of a version that may be placed no more. Default: without a lock. */
  readonly isRetired?: typeof readRetired;
}

/** The plan of a deployment, beside the older ones of its plugin. */
async function planFor(
  core: CoreInternals,
  sql: Sql,
  { deployment, rollout, runningId }: DeploymentWithRollout,
  claimed: Claims,
  { includesOthers = false, isRetired = readRetired }: PlanOptions = {},
): Promise<DeploymentPlan> {
  const retiredVersions: string[] = [];
  for (const version of new Set([deployment.version, rollout?.fromVersion ?? deployment.version])) {
    if ((await isRetired(sql, { ...deployment, version })) !== undefined) retiredVersions.push(version);
  }
  const otherRolloutId = runningId === rollout?.id ? null : runningId;
  const query = { deployment, clockOffsetMs: core.clockOffsetMs(), includesOthers };
  const situations = await readSituations(core, sql, query);
  return planDeployment({ ...deployment, rollout, otherRolloutId, retiredVersions }, situations, claimed);
}

/** The plan of one deployment, of which nothing is carried out. */
export async function foresee(
  core: CoreInternals,
  sql: Sql,
  { id, domainId, pluginId }: Deployment,
  options: PlanOptions = {},
): Promise<DeploymentPlan> {
  const claimed = new Map<string, Pick<Deployment, 'id' | 'name'>>();
  for (const each of await readDeployments(sql, { domainId, pluginId })) {
    if (each.deployment.id === id) return planFor(core, sql, each, claimed, options);
    for (const claim of (await planFor(core, sql, each, claimed)).claims) claimed.set(claim, each.deployment);
  }
  throw new Error(`${id} is gone`);
}

interface Done {
  readonly changed: boolean;
  /** A8: why plugins could not be placed; null where they could. */
  readonly refusal: string | null;
}

async function carryOut(core: CoreInternals, sql: Sql, deployment: Deployment, plan: DeploymentPlan): Promise<Done> {
  const due = plan.due.slice(0, mostActions);
  const idsOf = (action: Decision['action']) =>
    due.filter((decision) => decision.action === action).flatMap(({ pluginIds }) => pluginIds);
  const adopted = idsOf('ADOPT');
  if (adopted.length > 0) await adoptPlugins(sql, deployment, adopted);
  const withdrawn = [...idsOf('WITHDRAW'), ...plan.leftovers];
  if (withdrawn.length > 0) await withdrawDeployed(sql, withdrawn, pluginReasons.undeployed);
  let changed = adopted.length > 0 || withdrawn.length > 0;
  const installing = due.filter(({ action }) => action === 'INSTALL');
  if (installing.length > 0) {
    const { placed, isOverQuota } = await install(core, sql, deployment, installing, plan.version);
    // A supervisor that takes no plugins by now is looked at again after its event.
    changed ||= placed.length > 0;
    if (isOverQuota) {
      const { plugins } = core.settings.quotas;
      return { changed, refusal: `the domain has as many plugins as it may have, which is ${plugins}` };
    }
  }
  if (plan.rolloutFrom !== null) {
    await beginRollout(core, sql, deployment, plan.rolloutFrom);
    changed = true;
  }
  return { changed, refusal: null };
}

function install(
  core: CoreInternals,
  sql: Sql,
  deployment: Deployment,
  installing: readonly Decision[],
  version: string,
): Promise<PlacedPlugins> {
  const { id, domainId, pluginId, allowPublic } = deployment;
  const placement = {
    domainId,
    pluginId,
    version,
    labels: specOf(deployment).labels,
    allowPublic,
    pinned: false,
    replacesId: null,
    deploymentId: id,
    reason: pluginReasons.deployed,
    despiteCordon: false,
    deadlineMs: core.settings.provisioningDeadlineSeconds * 1000,
    clockOffsetMs: core.clockOffsetMs(),
    actor: systemSubject,
    quota: core.settings.quotas.plugins,
  };
  const targets = installing.map(({ supervisor }) => ({
    instanceId: newPluginInstanceId(),
    supervisorId: supervisor.id,
  }));
  return placePlugins(sql, placement, targets);
}

/** C3: begins the rollout that a change of version is. */
async function beginRollout(core: CoreInternals, sql: Sql, deployment: Deployment, fromVersion: string): Promise<void> {
  const { canary, ...settings } = specOf(deployment).rolloutSettings;
  const id = newRolloutId();
  const rollout = {
    ...settings,
    id,
    domainId: deployment.domainId,
    pluginId: deployment.pluginId,
    deploymentId: deployment.id,
    fromVersion,
    toVersion: deployment.version,
    labels: {},
    maxUnavailable: deployment.maxUnavailable,
    canaryCount: canary?.count ?? null,
    autoPromoteSeconds: canary?.autoPromoteSeconds ?? null,
    actor: systemSubject,
  };
  await insertRollout(sql, rollout, core.clockOffsetMs());
  await setDeploymentRollout(sql, deployment.id, id);
  await playRounds(core, sql, id);
}

function withRefusal(status: DeploymentStatus, refusal: string | null): DeploymentStatus {
  if (refusal === null) return status;
  return { ...status, conditions: [...status.conditions, { type: 'OVER_QUOTA', message: refusal }] };
}
