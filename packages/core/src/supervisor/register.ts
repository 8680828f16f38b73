import type { Supervisor } from '@muster/db';
import type { Viewer } from '../access/viewer.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { type Core, internalsOf } from '../core.ts';
import { type CommandTarget, commandSupervisor } from './command.ts';
import { parsePatch, type SupervisorPatchInput } from './patch.ts';

/** Makes a newcomer ENABLED, which nothing else does (S2), and sets fields in the same step (S4). */
export async function registerSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<CommandTarget & SupervisorPatchInput>,
): Promise<Supervisor> {
  return commandSupervisor(
    internalsOf(core),
    viewer,
    input,
    'register',
    parsePatch(viewer, input, core.settings.limits),
  );
}
