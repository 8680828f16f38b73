import {
  badUserInput,
  type Core,
  deregisterSupervisor,
  describe,
  disableSupervisor,
  enableSupervisor,
  getSupervisor,
  notFound,
  recoverPlugin,
  registerSupervisor,
  updateSupervisor,
  type Viewer,
} from '@muster/core';
import type { Supervisor } from '@muster/db';
import type { MessageJson } from '../proto/messageJson.ts';
import { supervisorMessage } from './messages.ts';
import { readPluginMessages } from './pluginMessages.ts';
import { toCoreInput, withWireNames } from './wireNames.ts';

/** An operation of core's that changes a supervisor. */
type Command = (core: Core, viewer: Viewer, input: ReturnType<typeof toCoreInput>) => Promise<Supervisor>;

/** Serves a method by an operation of core's, which parses the request's fields; answers the supervisor. */
function command(operation: Command) {
  return async (core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> =>
    supervisorMessage(viewer, await withWireNames(operation(core, viewer, toCoreInput(request))));
}

/** Serves `register`. */
export const register = command(registerSupervisor);
/** Serves `update`. */
export const update = command(updateSupervisor);
/** Serves `enable`. */
export const enable = command(enableSupervisor);
/** Serves `disable`. */
export const disable = command(disableSupervisor);

/** Serves `deregister`. */
export async function deregister(core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> {
  await withWireNames(deregisterSupervisor(core, viewer, toCoreInput(request)));
  return {};
}

/** Serves `get`. */
export async function get(core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> {
  const { supervisorId, domainId } = toCoreInput(request);
  const found = await withWireNames(getSupervisor(core, viewer, supervisorId, domainId));
  if (found === null) throw notFound('supervisor', describe(supervisorId));
  const message = supervisorMessage(viewer, found);
  const only = parseOnly(request.only, message);
  return only.length === 0 ? message : Object.fromEntries(only.map((field) => [field, message[field]]));
}

/** The fields that `only` names: a list of names, or a text of names between commas. */
function parseOnly(only: unknown, message: MessageJson): string[] {
  const names = typeof only === 'string' ? only.split(',') : (only ?? []);
  if (!Array.isArray(names)) throw badUserInput(['only'], `expected a list of fields; got ${describe(only)}`);
  return names.map((name, index) => {
    const trimmed = typeof name === 'string' ? name.trim() : name;
    if (typeof trimmed === 'string' && Object.hasOwn(message, trimmed)) return trimmed;
    throw badUserInput(['only', index], `expected one of ${Object.keys(message).join(', ')}; got ${describe(name)}`);
  });
}

/** Serves `recover_plugin`. */
export async function recover(core: Core, viewer: Viewer, request: MessageJson): Promise<MessageJson> {
  const plugin = await withWireNames(recoverPlugin(core, viewer, toCoreInput(request)));
  const [message = {}] = await readPluginMessages(core, [plugin]);
  return message;
}
