import type { Rollout, Sql } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../../access/domainInput.ts';
import { scopeFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { DomainError, notFound } from '../../base/errors.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { describe, parse } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import { inPlacement } from '../place.ts';
import { planCommand } from './commandPlan.ts';
import type { RolloutCommand } from './rolloutLifecycle.ts';
import { carryOut, playRounds } from './rolloutRound.ts';
import { findRolloutById } from './rollouts.ts';
import { attributeChanges } from './sql/attributeChanges.ts';
import { findRunning } from './sql/findRunning.ts';
import { lockRollout } from './sql/lockRollout.ts';
import { lockSupervisors } from './sql/lockSupervisors.ts';
import { readRolloutSteps } from './sql/readRolloutSteps.ts';

/** The rollout that a command is for. */
export type RolloutTarget = DomainInput & z.input<typeof targetSchema>;

const targetSchema = z.object({ rolloutId: z.string('expected a text') });

/** The `reason` of the events that a command makes. */
const commandReasons: Record<RolloutCommand, string> = {
  pause: 'PAUSE_REQUESTED',
  resume: 'RESUME_REQUESTED',
  promote: 'PROMOTE_REQUESTED',
  rollBack: 'ROLL_BACK_REQUESTED',
  cancel: 'CANCEL_REQUESTED',
  retry: 'RETRY_REQUESTED',
};

/**
 * R3, R5: an operator's command for a rollout. A command that finds the rollout as it would make it changes nothing.
 *
 * @throws DomainError PLUGIN_STATE where the rollout's state has no such command, or where another rollout of the plugin
 * is under way; NOT_FOUND for an unknown rollout (A3).
 */
export async function commandRollout(
  core: Core,
  viewer: Viewer,
  input: Unchecked<RolloutTarget>,
  command: RolloutCommand,
): Promise<Rollout> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { rolloutId } = parse(targetSchema, input);
  const known = await findRolloutById(internals, scope, rolloutId);
  if (!known) throw notFound('rollout', describe(rolloutId));
  await inPlacement(internals, known, async (sql) => {
    await attributeChanges(sql, viewer.subject, commandReasons[command]);
    await commandLocked(internals, sql, rolloutId, command);
  });
  const rollout = await findRolloutById(internals, scope, rolloutId);
  if (!rollout) throw notFound('rollout', describe(rolloutId));
  return rollout;
}

/**
 * As `commandRollout`, within `inPlacement`.
 *
 * @throws DomainError as `commandRollout`
 */
export async function commandLocked(
  core: CoreInternals,
  sql: Sql,
  rolloutId: string,
  command: RolloutCommand,
): Promise<void> {
  const rollout = await lockRollout(sql, rolloutId, core.clockOffsetMs());
  if (!rollout) throw notFound('rollout', describe(rolloutId));
  await lockSupervisors(sql, rolloutId);
  const plan = planCommand(rollout, await readRolloutSteps(sql, rolloutId, core.clockOffsetMs()), command);
  if (plan === null) return;
  if (plan === 'refuse') {
    throw new DomainError('PLUGIN_STATE', `cannot ${command} ${rolloutId}: its state is ${rollout.state}`, {
      rolloutId,
    });
  }
  const running = rollout.endedAt === null ? null : await findRunning(sql, rollout);
  if (running !== null) {
    throw new DomainError('PLUGIN_STATE', `cannot ${command} ${rolloutId}: ${running} is under way`, {
      rolloutId: running,
    });
  }
  await carryOut(core, sql, rollout, plan);
  await playRounds(core, sql, rolloutId);
}
