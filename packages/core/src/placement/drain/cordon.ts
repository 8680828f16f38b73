import type { Supervisor } from '@muster/db';
import { z } from 'zod';
import { scopeFor } from '../../access/policy.ts';
import type { Viewer } from '../../access/viewer.ts';
import { DomainError } from '../../base/errors.ts';
import { supervisorFromRow } from '../../base/rows.ts';
import type { Unchecked } from '../../base/unchecked.ts';
import { parse } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import { type CommandedSupervisor, type CommandTarget, targetSchema } from '../../supervisor/command.ts';
import { requireSupervisor } from '../../supervisor/requireSupervisor.ts';
import { advanceRelocations } from './relocations.ts';
import { abandonRelocations } from './sql/abandonRelocations.ts';
import { type CordonChange, changeCordon } from './sql/changeCordon.ts';

/** The `reason` of the event of a supervisor whose cordon or drain changed. */
const cordonReasons = {
  cordon: 'CORDONED_BY_OPERATOR',
  uncordon: 'UNCORDONED_BY_OPERATOR',
  drain: 'DRAIN_BEGUN_BY_OPERATOR',
  undrain: 'DRAIN_UNDONE_BY_OPERATOR',
} as const;
/** A command about a supervisor's cordon or drain. */
export type CordonCommand = keyof typeof cordonReasons;

type Decision = Pick<CordonChange, 'cordoned' | 'drain'>;

/** The change that each command makes to a supervisor; null for no change. */
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

/** The deadline of a drain whose request names none: one hour. */
const defaultDrainSeconds = 3_600;
/** Thirty days. */
const longestDrainSeconds = 30 * 86_400;

/** Keeps new plugins from being placed on a supervisor. Its plugins stay, and are served. */
export function cordonSupervisor(core: Core, viewer: Viewer, input: Unchecked<CommandTarget>): Promise<Supervisor> {
  return commandedBy(core, viewer, input, 'cordon');
}

/**
 * Lets plugins be placed on a supervisor again.
 *
 * @throws DomainError SUPERVISOR_STATE while it is being drained.
 */
export function uncordonSupervisor(core: Core, viewer: Viewer, input: Unchecked<CommandTarget>): Promise<Supervisor> {
  return commandedBy(core, viewer, input, 'uncordon');
}

/** The supervisor to drain. */
export type DrainInput = CommandTarget & z.input<typeof drainSchema>;

const drainSchema = z.object({
  /** When the drain gives up the plugins that it could not relocate: 1 second to 30 days. Default 1 hour. */
  deadlineSeconds: z.int().min(1).max(longestDrainSeconds).nullish(),
});

/**
 * Cordons a supervisor and relocates its managed plugins; each stays until its replacement is ACTIVE. A drain that is
 * under way goes on with its first deadline.
 */
export async function drainSupervisor(core: Core, viewer: Viewer, input: Unchecked<DrainInput>): Promise<Supervisor> {
  const internals = internalsOf(core);
  const { deadlineSeconds } = parse(drainSchema, input);
  const seconds = deadlineSeconds ?? defaultDrainSeconds;
  const { supervisor: draining } = await applyCordon(internals, viewer, input, 'drain', seconds);
  await advanceRelocations(internals, draining.id);
  return requireSupervisor(internals, { domainId: draining.domainId }, draining.id);
}

/** Ends a drain: plugins that were not relocated yet stay, and new ones may be placed there again. */
export function undrainSupervisor(core: Core, viewer: Viewer, input: Unchecked<CommandTarget>): Promise<Supervisor> {
  return commandedBy(core, viewer, input, 'undrain');
}

/** How often a command is decided again because the supervisor changed meanwhile. */
const maxTries = 10;

async function commandedBy(
  core: Core,
  viewer: Viewer,
  target: Unchecked<CommandTarget>,
  name: CordonCommand,
): Promise<Supervisor> {
  return (await applyCordon(internalsOf(core), viewer, target, name)).supervisor;
}

/** Decides a command for a supervisor, and writes the change only if the supervisor is still as it was read. */
export async function applyCordon(
  core: CoreInternals,
  viewer: Viewer,
  target: Unchecked<CommandTarget>,
  name: CordonCommand,
  drainSeconds: number = defaultDrainSeconds,
): Promise<CommandedSupervisor> {
  const scope = scopeFor(viewer, 'operate', target.domainId);
  const { supervisorId } = parse(targetSchema, target);
  for (let tries = 0; tries < maxTries; tries++) {
    const seen = await requireSupervisor(core, scope, supervisorId);
    const decision = decisions[name](seen);
    if (decision === null) return { supervisor: seen, changed: false };
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
    if (row) return { supervisor: supervisorFromRow(row), changed: true };
  }
  throw new DomainError('UNAVAILABLE', `supervisor ${supervisorId} keeps changing; try again`);
}
