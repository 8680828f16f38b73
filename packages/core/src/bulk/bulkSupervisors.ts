import type { Supervisor } from '@muster/db';
import type { Viewer } from '../access/viewer.ts';
import { supervisorFromRow } from '../base/rows.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { applyCordon } from '../placement/drain/cordon.ts';
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
  return changeEach(core, viewer, input, async (internals, { id }) => {
    return (await applyCordon(internals, viewer, { supervisorId: id }, 'cordon')).changed;
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
