import { after, type RolloutPlan, type RolloutSituation, tallyOf } from './rolloutSituation.ts';
import { actionOf, inWords, type StepAction, type StepSituation, waiting } from './stepSituation.ts';

/**
 * R6: plans one round of going back. Where the new version has taken over, the old one is installed beside it again,
 * and the new one stays until the old one is ACTIVE. Past the deadline each step ends as it is, with one version wanted.
 */
export function planBack(rollout: RolloutSituation, steps: readonly StepSituation[]): RolloutPlan {
  const actions = steps.flatMap((step) => turnBack(step, rollout.isRollbackOverdue));
  const { WAITING, INSTALLING, DONE, FAILED, REVERTING, REVERT_FAILED } = tallyOf(steps, actions);
  const isOver = WAITING + INSTALLING + DONE + FAILED + REVERTING === 0;
  const event = isOver ? (REVERT_FAILED > 0 ? 'endsInPart' : 'ends') : null;
  return { state: after(rollout.state, event), message: rollout.message, actions };
}

function turnBack(step: StepSituation, isOverdue: boolean): StepAction[] {
  switch (step.state) {
    case 'WAITING':
      return [actionOf(step, 'isSkipped', { message: 'the rollout went back before its turn: the old version stays' })];
    case 'INSTALLING':
      // Where the old version was uninstalled meanwhile, neither version is wanted.
      return [actionOf(step, 'isBack', { removes: 'to' })];
    case 'DONE':
    case 'FAILED':
      return startReturn(step, isOverdue);
    case 'REVERTING':
      return endReturn(step, isOverdue);
    default:
      return [];
  }
}

function startReturn(step: StepSituation, isOverdue: boolean): StepAction[] {
  const { from, to, supervisorState, isRelocating } = step;
  if (!to?.isWanted) {
    if (!from?.isWanted) return [actionOf(step, 'isSkipped', { message: 'neither version is wanted there' })];
    return from.state === 'ACTIVE' ? [actionOf(step, 'isBack')] : [actionOf(step, 'goesBack')];
  }
  // Somebody has installed the old version again.
  if (from?.isWanted) return [actionOf(step, 'isBack', { message: 'both versions are wanted there' })];
  const away = supervisorState === 'ENABLED' ? null : `its supervisor is ${supervisorState}`;
  const hindrance = away ?? (isRelocating ? 'its plugin is being moved' : null);
  if (isOverdue) {
    const why = hindrance ?? 'there was no time to restore the old one';
    return [actionOf(step, 'staysAway', { message: `keeps the new version, ${inWords(to)}: ${why}` })];
  }
  return hindrance === null ? [actionOf(step, 'goesBack', { installs: 'from' })] : waiting(step, `waits: ${hindrance}`);
}

function endReturn(step: StepSituation, isOverdue: boolean): StepAction[] {
  const { from, to, supervisorState } = step;
  if (!from?.isWanted) {
    if (!to?.isWanted) return [actionOf(step, 'isSkipped', { message: 'neither version is wanted there' })];
    const message = `keeps the new version, ${inWords(to)}: the old one was uninstalled`;
    return [actionOf(step, 'staysAway', { message })];
  }
  const isServed = supervisorState === 'ENABLED' || supervisorState === 'DISABLED';
  if (isServed && from.state === 'ACTIVE') return [actionOf(step, 'isBack', { removes: 'to' })];
  if (!isOverdue) return [];
  const found = isServed ? inWords(from) : `on a supervisor that is ${supervisorState}`;
  if (isServed && to?.isWanted && to.state === 'ACTIVE') {
    const message = `keeps the new version, ACTIVE: the old one was ${found} by the deadline`;
    return [actionOf(step, 'staysAway', { message, removes: 'from' })];
  }
  const message = `runs neither version: the old one, which stays wanted, was ${found} by the deadline`;
  return [actionOf(step, 'staysAway', { message, removes: 'to' })];
}
