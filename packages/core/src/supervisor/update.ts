import type { Supervisor } from '@muster/db';
import type { Viewer } from '../access/viewer.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { type Core, internalsOf } from '../core.ts';
import { type CommandTarget, commandSupervisor } from './command.ts';
import { parsePatch, type SupervisorPatchInput } from './patch.ts';

/** Changes the fields that an operator sets, in any state (S4); publishes no longer change them afterwards (S3). */
export async function updateSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<CommandTarget & SupervisorPatchInput>,
): Promise<Supervisor> {
  return commandSupervisor(internalsOf(core), viewer, input, 'update', parsePatch(viewer, input, core.settings.limits));
}
