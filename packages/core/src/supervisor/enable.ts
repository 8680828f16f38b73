import type { Supervisor } from '@muster/db';
import type { Viewer } from '../access/viewer.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { type Core, internalsOf } from '../core.ts';
import { type CommandTarget, commandSupervisor } from './command.ts';

/** Lets a disabled or disconnected supervisor take plugins again; an ENABLED supervisor stays ENABLED. */
export async function enableSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<CommandTarget>,
): Promise<Supervisor> {
  return commandSupervisor(internalsOf(core), viewer, input, 'enable');
}

/** Freezes a supervisor: nothing new is placed there, and its plugins keep running (P8). */
export async function disableSupervisor(
  core: Core,
  viewer: Viewer,
  input: Unchecked<CommandTarget>,
): Promise<Supervisor> {
  return commandSupervisor(internalsOf(core), viewer, input, 'disable');
}
