import type { Rollout, RolloutStepState, Sql } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import { newPluginInstanceId } from '../../base/ids.ts';
import type { CoreInternals } from '../../core.ts';
import { pluginReasons } from '../../plugin/lifecycle.ts';
import { inPlacement } from '../place.ts';
import { placePlugin } from '../sql/placePlugin.ts';
import { planRound, type StepAction } from './rolloutPlan.ts';
import { addRolloutSteps } from './sql/addRolloutSteps.ts';
import { lockRollout } from './sql/lockRollout.ts';
import { readRolloutSteps } from './sql/readRolloutSteps.ts';
import { setRolloutState } from './sql/setRolloutState.ts';
import { setRolloutStepState } from './sql/setRolloutStepState.ts';
import { withdrawVersion } from './sql/withdrawVersion.ts';

/** Advances every rollout that has not ended as far as possible now. Safe on several replicas at once. */
export async function advanceRollouts(core: CoreInternals): Promise<void> {
  const running = await core.tenants.client({ domainId: null }).rollout.findMany({
    where: { endedAt: null },
    select: { id: true, domainId: true, pluginId: true },
    orderBy: { id: 'asc' },
  });
  for (const rollout of running) await advanceRollout(core, rollout);
}

/** Advances one rollout. */
export async function advanceRollout(
  core: CoreInternals,
  rollout: Pick<Rollout, 'id' | 'domainId' | 'pluginId'>,
): Promise<void> {
  await inPlacement(core, rollout, (sql) => playRound(core, sql, rollout.id));
}

/** Plans one round of a rollout and carries it out, within `inPlacement`. */
export async function playRound(core: CoreInternals, sql: Sql, id: string): Promise<void> {
  const rollout = await lockRollout(sql, id);
  if (!rollout) return;
  if (rollout.state === 'RUNNING') await addRolloutSteps(sql, id);
  const plan = planRound(rollout, await readRolloutSteps(sql, id, core.clockOffsetMs()));
  for (const action of plan.actions) await performAction(core, sql, rollout, action);
  if (plan.state !== rollout.state) await setRolloutState(sql, id, plan, core.clockOffsetMs());
}

async function performAction(core: CoreInternals, sql: Sql, rollout: Rollout, action: StepAction): Promise<void> {
  const { domainId, pluginId, fromVersion, toVersion } = rollout;
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
      reason,
      despiteCordon: goesBack,
      deadlineMs: core.settings.provisioningDeadlineSeconds * 1000,
      clockOffsetMs,
      actor: systemSubject,
      // A8: the version that it replaces goes.
      quota: null,
    });
    if (!placed) return changeStep(goesBack ? 'DONE' : 'SKIPPED', 'the supervisor takes no plugins of this domain');
  }
  if (removes) await withdrawVersion(sql, { supervisorId, domainId, pluginId, version: versions[removes], reason });
  await changeStep(action.state, action.message);

  function changeStep(state: RolloutStepState, message: string | null): Promise<void> {
    const deadlineMs = rollout.healthyDeadlineSeconds * 1000;
    return setRolloutStepState(sql, { rolloutId: rollout.id, supervisorId, state, message, deadlineMs, clockOffsetMs });
  }
}
