import { createHash } from 'node:crypto';
import type { Supervisor } from '@muster/db';
import { z } from 'zod';
import type { Viewer } from '../access/viewer.ts';
import { supervisorFromRow } from '../base/rows.ts';
import { parse } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { applyCordon, type DrainOptions, drainSeconds } from '../placement/drain/cordon.ts';
import type { CordonCommand } from '../placement/drain/cordonDecisions.ts';
import type { SupervisorFilter } from '../query/filter.ts';
import { applyCommand } from '../supervisor/command.ts';
import { type BulkInput, type BulkResult, runBulk, type UncheckedBulk } from './runBulk.ts';

/** The supervisors to change. */
type SupervisorsInput = UncheckedBulk<BulkInput<SupervisorFilter>>;

/** Enables each supervisor, as `enableSupervisor` does. */
export function enableSupervisors(core: Core, viewer: Viewer, input: SupervisorsInput): Promise<BulkResult> {
  return changeEach(core, viewer, input, async (internals, { id }) => {
    return (await applyCommand(internals, viewer, { supervisorId: id }, 'enable')).changed;
  });
}

/** Disables each supervisor, as `disableSupervisor` does. */
export function disableSupervisors(core: Core, viewer: Viewer, input: SupervisorsInput): Promise<BulkResult> {
  return changeEach(core, viewer, input, async (internals, { id }) => {
    return (await applyCommand(internals, viewer, { supervisorId: id }, 'disable')).changed;
  });
}

/** Cordons each supervisor, as `cordonSupervisor` does. */
export function cordonSupervisors(core: Core, viewer: Viewer, input: SupervisorsInput): Promise<BulkResult> {
  return cordonEach(core, viewer, input, 'cordon');
}

/** Uncordons each supervisor, as `uncordonSupervisor` does. */
export function uncordonSupervisors(core: Core, viewer: Viewer, input: SupervisorsInput): Promise<BulkResult> {
  return cordonEach(core, viewer, input, 'uncordon');
}

/** Ends the drain of each supervisor, as `undrainSupervisor` does. */
export function undrainSupervisors(core: Core, viewer: Viewer, input: SupervisorsInput): Promise<BulkResult> {
  return cordonEach(core, viewer, input, 'undrain');
}

/** The supervisors to drain. */
type DrainSupervisorsInput = UncheckedBulk<BulkInput<SupervisorFilter> & z.input<typeof drainSchema>>;

const drainSchema = z.object({
  /** How long each drain may take once its turn has come. Default 1 hour. */
  deadlineSeconds: drainSeconds.nullish(),
  /** How many of these supervisors are drained at a time. Default 1. */
  maxParallel: z.int().min(1).max(1_000).nullish(),
});

/**
 * D4: cordons each supervisor at once, and drains them by id, `maxParallel` at a time, as sweeps come by. A run that goes
 * on with the same filter adds to the same drains. One that is being drained gets the deadline, if one is given (D2).
 */
export function drainSupervisors(core: Core, viewer: Viewer, input: DrainSupervisorsInput): Promise<BulkResult> {
  const { deadlineSeconds, maxParallel } = parse(drainSchema, input);
  const selection = JSON.stringify([viewer.domainId, input.domainId ?? null, input.filter ?? null]);
  const id = createHash('sha256').update(selection).digest('hex').slice(0, 32);
  const group = { id, maxParallel: maxParallel ?? 1 };
  return cordonEach(core, viewer, input, 'queue', { deadlineSeconds, group });
}

function cordonEach(
  core: Core,
  viewer: Viewer,
  input: SupervisorsInput,
  command: CordonCommand,
  options: DrainOptions = {},
): Promise<BulkResult> {
  return changeEach(core, viewer, input, async (internals, { id }) => {
    return (await applyCordon(internals, viewer, { supervisorId: id }, command, options)).changed;
  });
}

function changeEach(
  core: Core,
  viewer: Viewer,
  input: SupervisorsInput,
  change: (core: CoreInternals, supervisor: Supervisor) => Promise<boolean>,
): Promise<BulkResult> {
  return runBulk(internalsOf(core), viewer, input, { entity: 'supervisor', model: supervisorFromRow, change });
}
