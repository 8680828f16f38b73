import type { Supervisor } from '@muster/db';
import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { DomainError } from '../base/errors.ts';
import { supervisorFromRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import type { CoreInternals } from '../core.ts';
import { leaseMs, publishIntervalMs } from '../liveness/pacing.ts';
import { decide, type SupervisorCommand, supervisorReasons, updatedReason } from './lifecycle.ts';
import { requireSupervisor } from './requireSupervisor.ts';
import { changeSupervisor, type SupervisorPatch } from './sql/changeSupervisor.ts';

/** How often a command is decided anew because the supervisor changed under it. */
const maxTries = 10;

/** The supervisor that a command is for. */
export interface CommandTarget {
  supervisorId: string;
  domainId?: string | null | undefined;
}

/**
 * Applies an operator's command, or with `update` only its patch, to a supervisor: reads it, asks the lifecycle, and
 * makes the change only if the supervisor is still as it was read; otherwise it decides anew.
 */
export async function commandSupervisor(
  core: CoreInternals,
  viewer: Viewer,
  target: Unchecked<CommandTarget>,
  command: Extract<SupervisorCommand, 'register' | 'enable' | 'disable'> | 'update',
  patch: SupervisorPatch = {},
): Promise<Supervisor> {
  const scope = scopeFor(viewer, 'operate', target.domainId);
  for (let tries = 0; tries < maxTries; tries++) {
    const seen = await requireSupervisor(core, scope, target.supervisorId);
    const outcome = command === 'update' ? ({ kind: 'stay' } as const) : decide(command, seen);
    const state = outcome.kind === 'become' ? outcome.state : seen.state;
    if (outcome.kind === 'stay' && command !== 'update') return seen;
    const row = await changeSupervisor(core.db.sql, {
      id: seen.id,
      scope,
      seen,
      state,
      registers: command === 'register',
      patch,
      freshLeaseMs: outcome.kind === 'become' && outcome.freshLease ? await currentLeaseMs(core) : null,
      clockOffsetMs: core.clockOffsetMs(),
      actor: viewer.subject,
      reason: command === 'update' ? updatedReason : supervisorReasons[command],
    });
    if (row) return supervisorFromRow(row);
  }
  throw new DomainError('UNAVAILABLE', `supervisor ${target.supervisorId} keeps changing; try again`);
}

async function currentLeaseMs(core: CoreInternals): Promise<number> {
  return leaseMs(core.settings, publishIntervalMs(core.settings, await core.liveSupervisors.count()));
}
