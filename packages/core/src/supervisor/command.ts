import type { Supervisor } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError } from '../base/errors.ts';
import { supervisorFromRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { parse } from '../base/validate.ts';
import type { CoreInternals } from '../core.ts';
import { currentPace } from '../liveness/pacing.ts';
import {
  decide,
  type SupervisorCommand,
  type SupervisorOutcome,
  supervisorReasons,
  updatedReason,
} from './lifecycle.ts';
import { requireSupervisor } from './requireSupervisor.ts';
import { changeSupervisor, type SupervisorPatch } from './sql/changeSupervisor.ts';

/** How often a command is decided again because the supervisor changed meanwhile. */
const maxTries = 10;

/** The supervisor that a command is for. */
export type CommandTarget = DomainInput & z.input<typeof targetSchema>;

/** The schema of a command's target; commands with further fields extend it. */
export const targetSchema = z.object({ supervisorId: z.string('expected a text') });

/** A supervisor after a command, and whether the command changed it. */
export interface CommandedSupervisor {
  readonly supervisor: Supervisor;
  /** False where the supervisor was as wanted already. */
  readonly changed: boolean;
}

/** The commands that an operator gives, and `update`, which changes fields alone. */
export type OperatorCommand = Extract<SupervisorCommand, 'register' | 'preregister' | 'enable' | 'disable'> | 'update';

/** As `applyCommand`; returns the supervisor. */
export async function commandSupervisor(
  core: CoreInternals,
  viewer: Viewer,
  target: Unchecked<CommandTarget>,
  command: OperatorCommand,
  patch: SupervisorPatch = {},
): Promise<Supervisor> {
  return (await applyCommand(core, viewer, target, command, patch)).supervisor;
}

/**
 * Applies an operator's command, or with `update` only the patch, to a supervisor: reads it, asks the lifecycle, and
 * writes the change only if the supervisor is still as it was read; otherwise decides again.
 */
export async function applyCommand(
  core: CoreInternals,
  viewer: Viewer,
  target: Unchecked<CommandTarget>,
  command: OperatorCommand,
  patch: SupervisorPatch = {},
): Promise<CommandedSupervisor> {
  const scope = scopeFor(viewer, 'operate', target.domainId);
  const { supervisorId } = parse(targetSchema, target);
  for (let tries = 0; tries < maxTries; tries++) {
    const seen = await requireSupervisor(core, scope, supervisorId);
    const outcome = command === 'update' ? ({ kind: 'stay' } as const) : decide(command, seen);
    const { state, needsLease, leaseRanOut } = effectOf(outcome, seen);
    if (outcome.kind === 'stay' && command !== 'update') return { supervisor: seen, changed: false };
    const row = await changeSupervisor(core.db.sql, {
      id: seen.id,
      scope,
      seen,
      state,
      registers: command === 'register' || command === 'preregister',
      patch,
      leaseRanOut,
      freshLeaseMs: needsLease ? (await currentPace(core)).leaseMs : null,
      clockOffsetMs: core.clockOffsetMs(),
      actor: viewer.subject,
      reason: command === 'update' ? updatedReason : supervisorReasons[command],
    });
    if (row) return { supervisor: supervisorFromRow(row), changed: true };
  }
  throw new DomainError('UNAVAILABLE', `supervisor ${supervisorId} keeps changing; try again`);
}

/** The lifecycle's outcome as a change of the row and of its lease. */
function effectOf(outcome: SupervisorOutcome, seen: Pick<Supervisor, 'state'>) {
  if (outcome.kind !== 'become') return { state: seen.state, needsLease: false, leaseRanOut: false };
  const { state, freshLease, condition } = outcome;
  return { state, needsLease: freshLease === true, leaseRanOut: condition !== undefined };
}
