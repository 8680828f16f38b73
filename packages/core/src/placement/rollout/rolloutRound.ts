import type { Rollout, RolloutStepState, Sql } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { newPluginInstanceId } from '../../base/ids.ts';
import type { CoreInternals } from '../../core.ts';
import { pluginReasons } from '../../plugin/lifecycle.ts';
import { attemptPolicyOf } from '../../plugin/sql/nextAttempt.ts';
import { lockRetired } from '../../release/sql/readRetired.ts';
import { inPlacement } from '../place.ts';
import { placePlugin } from '../sql/placePlugin.ts';
import { planRound } from './rolloutPlan.ts';
import type { RolloutPlan } from './rolloutSituation.ts';
import { addRolloutSteps } from './sql/addRolloutSteps.ts';
import { type LockedRollout, lockRollout } from './sql/lockRollout.ts';
import { lockSupervisors } from './sql/lockSupervisors.ts';
import { readRolloutSteps } from './sql/readRolloutSteps.ts';
import { setRolloutState } from './sql/setRolloutState.ts';
import { setRolloutStepState } from './sql/setRolloutStepState.ts';
import { trackHealth } from './sql/trackHealth.ts';
import { urgePlugins } from './sql/urgePlugins.ts';
import { withdrawVersion } from './sql/withdrawVersion.ts';
import type { StepAction } from './stepSituation.ts';

/** Advances every rollout that has not ended as far as possible now. Safe on several replicas at once. */
export async function advanceRollouts(core: CoreInternals): Promise<void> {
  const running = await core.tenants.client({ domainId: null }).rollout.findMany({
    where: { endedAt: null },
    select: { id: true, domainId: true, pluginId: true },
    orderBy: { id: 'asc' },
  });
  for (const rollout of running) {
    try {
      await advanceRollout(core, rollout);
    } catch (error) {
      // One that can't go on stops no other; the next sweep tries it again.
      core.onWarning(`${rollout.id} of ${rollout.domainId} could not go on`, error);
    }
  }
}

/** Advances one rollout. */
async function advanceRollout(
  core: CoreInternals,
  rollout: Pick<Rollout, 'id' | 'domainId' | 'pluginId'>,
): Promise<void> {
  await inPlacement(core, rollout, (sql) => playRounds(core, sql, rollout.id));
}

/** Rounds that one transaction plays at most; the next sweep goes on. */
const maxRounds = 100;

/** Plays rounds of a rollout, within `inPlacement`, until one has nothing to do. */
export async function playRounds(core: CoreInternals, sql: Sql, id: string): Promise<void> {
  for (let round = 0; round < maxRounds; round++) {
    const rollout = await lockRollout(sql, id, core.clockOffsetMs());
    if (!rollout || rollout.endedAt !== null) return;
    if (!(await playRound(core, sql, rollout))) return;
  }
}

/** Plays one round; returns whether it changed anything. */
async function playRound(core: CoreInternals, sql: Sql, rollout: LockedRollout): Promise<boolean> {
  const { id } = rollout;
  const clockOffsetMs = core.clockOffsetMs();
  if (rollout.state === 'RUNNING') await addRolloutSteps(sql, id);
  // Before any step is written: deregistrations lock the supervisor and then its steps, too.
  await lockSupervisors(sql, id);
  await trackHealth(sql, id, clockOffsetMs);
  const retiredReleaseId = rollout.state === 'RUNNING' ? await retiredTarget(sql, rollout) : null;
  const plan = planRound({ ...rollout, retiredReleaseId }, await readRolloutSteps(sql, id, clockOffsetMs));
  await carryOut(core, sql, rollout, plan);
  await urgePlugins(sql, id, attemptPolicyOf(core.settings), clockOffsetMs);
  return plan.actions.length > 0 || plan.state !== rollout.state;
}

/** C1: the release of the new version, if it is retired; if not, it won't be before the round has ended. */
async function retiredTarget(sql: Sql, { domainId, pluginId, toVersion }: Rollout): Promise<string | null> {
  return (await lockRetired(sql, { domainId, pluginId, version: toVersion })) ?? null;
}

/** Carries out a plan of a rollout that is locked. */
export async function carryOut(
  core: CoreInternals,
  sql: Sql,
  rollout: LockedRollout,
  plan: RolloutPlan,
): Promise<void> {
  for (const action of plan.actions) await performAction(core, sql, rollout, action);
  if (plan.state !== rollout.state || plan.renewsDeadline) {
    await setRolloutState(sql, rollout, plan, core.clockOffsetMs());
  }
}

async function performAction(core: CoreInternals, sql: Sql, rollout: Rollout, action: StepAction): Promise<void> {
  const { domainId, pluginId, fromVersion, toVersion, deploymentId } = rollout;
  const versions = { from: fromVersion, to: toVersion };
  const { supervisorId, installs, removes } = action;
  const goesBack = installs === 'from' || removes === 'to';
  const reason = goesBack ? pluginReasons.rolledBack : pluginReasons.rollout;
  const clockOffsetMs = core.clockOffsetMs();
  if (installs) {
    const placed = await placePlugin(sql, {
      instanceId: newPluginInstanceId(),
      supervisorId,
      domainId,
      pluginId,
      version: versions[installs],
      ...action.placement,
      replacesId: null,
      deploymentId,
      reason,
      despiteCordon: goesBack,
      // R1, R6: the step's deadline is the plugin's own, too.
      deadlineMs: rollout.healthyDeadlineSeconds * 1000,
      clockOffsetMs,
      actor: systemSubject,
      // A8: the version that it replaces goes.
      quota: null,
    });
    if (!placed) {
      const why = 'its supervisor takes no plugins of this domain';
      return goesBack ? changeStep('REVERT_FAILED', `keeps the new version: ${why}`) : changeStep('SKIPPED', why);
    }
  }
  if (removes) {
    const version = versions[removes];
    await withdrawVersion(sql, { supervisorId, domainId, pluginId, version, deploymentId, reason });
  }
  await changeStep(action.state, action.message);

  function changeStep(state: RolloutStepState, message: string | null): Promise<void> {
    return setRolloutStepState(sql, { rolloutId: rollout.id, supervisorId, state, message, clockOffsetMs });
  }
}
