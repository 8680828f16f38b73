import type { Supervisor } from '@muster/db';
import { z } from 'zod';
import { scopeFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { DomainError } from '../../base/errors.ts';
import { supervisorFromRow } from '../../base/rows.ts';
import { parse } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import type { CommandTarget } from '../../supervisor/command.ts';
import { requireSupervisor } from '../../supervisor/requireSupervisor.ts';
import { advanceRelocations } from './relocations.ts';
import { abandonRelocations } from './sql/abandonRelocations.ts';
import { type CordonChange, changeCordon } from './sql/changeCordon.ts';

/** Why a supervisor's cordon or drain last changed: the `reason` of its event. */
export const cordonReasons = {
  cordon: 'CORDONED_BY_OPERATOR',
  uncordon: 'UNCORDONED_BY_OPERATOR',
  drain: 'DRAIN_BEGUN_BY_OPERATOR',
  undrain: 'DRAIN_UNDONE_BY_OPERATOR',
} as const;
type CordonCommand = keyof typeof cordonReasons;

type Decision = Pick<CordonChange, 'cordoned' | 'drain'>;

/** What each command makes of a supervisor; null where it is so already. */
const decisions: Record<CordonCommand, (seen: Supervisor) => Decision | null> = {
  cordon: ({ cordoned }) => (cordoned ? null : { cordoned: true, drain: 'KEEP' }),
  uncordon: (seen) => {
    if (seen.drainState === 'DRAINING') {
      throw new DomainError(
        'SUPERVISOR_STATE',
        `cannot uncordon supervisor ${seen.id}: it is being drained, which undrain would end`,
        { command: 'uncordon', supervisorId: seen.id, state: seen.state },
      );
    }
    return seen.cordoned ? { cordoned: false, drain: 'CLEAR' } : null;
  },
  drain: ({ drainState }) => (drainState === 'DRAINING' ? null : { cordoned: true, drain: 'START' }),
  undrain: ({ cordoned, drainState }) => (cordoned || drainState ? { cordoned: false, drain: 'CLEAR' } : null),
};

/** How long a drain may take unless it is said. */
const defaultDrainSeconds = 3_600;
const longestDrainSeconds = 30 * 86_400;

/** Has nothing new placed on a supervisor. What is there stays, and is served. */
export function cordonSupervisor(core: Core, viewer: Viewer, input: CommandTarget): Promise<Supervisor> {
  return command(internalsOf(core), viewer, input, 'cordon', defaultDrainSeconds);
}

/**
 * Lets plugins be placed on a supervisor again.
 *
 * @throws DomainError SUPERVISOR_STATE while it is being drained.
 */
export function uncordonSupervisor(core: Core, viewer: Viewer, input: CommandTarget): Promise<Supervisor> {
  return command(internalsOf(core), viewer, input, 'uncordon', defaultDrainSeconds);
}

/**
 * Cordons a supervisor and moves its managed plugins elsewhere; each stays until the one that takes its place is
 * ACTIVE. One that is being drained goes on so, by its first deadline.
 *
 * @param input.deadlineSeconds when to give up what could not be moved: 1 to 30 days, by default 1 h.
 */
export async function drainSupervisor(
  core: Core,
  viewer: Viewer,
  input: CommandTarget & { deadlineSeconds?: number | null | undefined },
): Promise<Supervisor> {
  const internals = internalsOf(core);
  const seconds = parse(drainSeconds, input.deadlineSeconds, ['deadlineSeconds']) ?? defaultDrainSeconds;
  const draining = await command(internals, viewer, input, 'drain', seconds);
  await advanceRelocations(internals, draining.id);
  return requireSupervisor(internals, { domainId: draining.domainId }, draining.id);
}

/** Ends a drain, leaves there what has not been moved yet, and lets plugins be placed there again. */
export function undrainSupervisor(core: Core, viewer: Viewer, input: CommandTarget): Promise<Supervisor> {
  return command(internalsOf(core), viewer, input, 'undrain', defaultDrainSeconds);
}

const drainSeconds = z.int().min(1).max(longestDrainSeconds).nullish();
const maxTries = 10;

async function command(
  core: CoreInternals,
  viewer: Viewer,
  target: CommandTarget,
  name: CordonCommand,
  drainSeconds: number,
): Promise<Supervisor> {
  const scope = scopeFor(viewer, 'operate', target.domainId);
  for (let tries = 0; tries < maxTries; tries++) {
    const seen = await requireSupervisor(core, scope, target.supervisorId);
    const decision = decisions[name](seen);
    if (decision === null) return seen;
    const row = await core.db.transaction(async (sql) => {
      const changed = await changeCordon(sql, {
        id: seen.id,
        domainId: seen.domainId,
        seen,
        ...decision,
        drainMs: drainSeconds * 1000,
        clockOffsetMs: core.clockOffsetMs(),
        actor: viewer.subject,
        reason: cordonReasons[name],
      });
      if (changed && decision.drain === 'CLEAR') await abandonRelocations(sql, [seen.id], viewer.subject);
      return changed;
    });
    if (row) return supervisorFromRow(row);
  }
  throw new DomainError('UNAVAILABLE', `supervisor ${target.supervisorId} keeps changing; try again`);
}
