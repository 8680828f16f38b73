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
import { type CordonCommand, decideCordon } from './cordonDecisions.ts';
import { advanceRelocations } from './relocations.ts';
import { abandonRelocations } from './sql/abandonRelocations.ts';
import { changeCordon, type DrainGroup } from './sql/changeCordon.ts';
import { forgetFailures } from './sql/forgetFailures.ts';

/** The deadline of a drain whose request names none: one hour. */
const defaultDrainSeconds = 3_600;
/** Thirty days. */
const longestDrainSeconds = 30 * 86_400;

/**
 * Keeps new plugins from being placed on a supervisor. Its plugins stay, and are served. During a drain, the cordon
 * outlasts the drain (D2).
 */
export function cordonSupervisor(core: Core, viewer: Viewer, input: Unchecked<CommandTarget>): Promise<Supervisor> {
  return supervisorAfter(core, viewer, input, 'cordon');
}

/**
 * Lets plugins be placed on a supervisor again.
 *
 * @throws DomainError SUPERVISOR_STATE while it is being drained, or waits for that.
 */
export function uncordonSupervisor(core: Core, viewer: Viewer, input: Unchecked<CommandTarget>): Promise<Supervisor> {
  return supervisorAfter(core, viewer, input, 'uncordon');
}

/** The supervisor to drain. */
export type DrainInput = CommandTarget & z.input<typeof drainSchema>;

/** When a drain gives up the plugins that it could not relocate, in seconds from its beginning. */
export const drainSeconds = z.int().min(1).max(longestDrainSeconds);

const drainSchema = z.object({
  /** 1 second to 30 days. Default 1 hour, or, while the supervisor is being drained, the deadline that it has (D2). */
  deadlineSeconds: drainSeconds.nullish(),
});

/** Cordons a supervisor and relocates its managed plugins; each stays until its replacement is ACTIVE. */
export async function drainSupervisor(core: Core, viewer: Viewer, input: Unchecked<DrainInput>): Promise<Supervisor> {
  const internals = internalsOf(core);
  const { deadlineSeconds } = parse(drainSchema, input);
  const { supervisor } = await applyCordon(internals, viewer, input, 'drain', { deadlineSeconds });
  await advanceRelocations(internals, supervisor.id);
  return requireSupervisor(internals, { domainId: supervisor.domainId }, supervisor.id);
}

/**
 * Ends a drain: plugins that were not relocated yet stay. New ones may be placed there again, unless the supervisor was
 * cordoned by itself (D2).
 */
export function undrainSupervisor(core: Core, viewer: Viewer, input: Unchecked<CommandTarget>): Promise<Supervisor> {
  return supervisorAfter(core, viewer, input, 'undrain');
}

/** How often a command is decided again because the supervisor changed meanwhile. */
const maxTries = 10;

async function supervisorAfter(
  core: Core,
  viewer: Viewer,
  target: Unchecked<CommandTarget>,
  name: CordonCommand,
): Promise<Supervisor> {
  return (await applyCordon(internalsOf(core), viewer, target, name)).supervisor;
}

/** How a drain is begun. */
export interface DrainOptions {
  /** Null or undefined for the default, or the deadline that the drain has. */
  readonly deadlineSeconds?: number | null | undefined;
  /** D4: only for a drain that waits for its turn. */
  readonly group?: DrainGroup;
}

/** Decides a command for a supervisor, and writes the change only if the supervisor is still as it was read. */
export async function applyCordon(
  core: CoreInternals,
  viewer: Viewer,
  target: Unchecked<CommandTarget>,
  name: CordonCommand,
  { deadlineSeconds, group }: DrainOptions = {},
): Promise<CommandedSupervisor> {
  const scope = scopeFor(viewer, 'operate', target.domainId);
  const { supervisorId } = parse(targetSchema, target);
  for (let tries = 0; tries < maxTries; tries++) {
    const seen = await requireSupervisor(core, scope, supervisorId);
    const decision = decideCordon(name, seen, typeof deadlineSeconds === 'number');
    if (decision === null) return { supervisor: seen, changed: false };
    const row = await core.db.transaction(async (sql) => {
      const changed = await changeCordon(sql, {
        id: seen.id,
        domainId: seen.domainId,
        seen,
        ...decision,
        drainSeconds: deadlineSeconds ?? defaultDrainSeconds,
        group: group ?? null,
        clockOffsetMs: core.clockOffsetMs(),
        actor: viewer.subject,
      });
      if (changed && decision.drain === 'CLEAR') await abandonRelocations(sql, [seen.id], viewer.subject);
      if (changed && (decision.drain === 'START' || decision.drain === 'QUEUE')) await forgetFailures(sql, seen.id);
      return changed;
    });
    if (row) return { supervisor: supervisorFromRow(row), changed: true };
  }
  throw new DomainError('UNAVAILABLE', `supervisor ${supervisorId} keeps changing; try again`);
}
