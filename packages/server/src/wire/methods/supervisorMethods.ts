import {
  badUserInput,
  type Core,
  deregisterSupervisor,
  describe,
  disableSupervisor,
  enableSupervisor,
  getSupervisor,
  getSupervisorsOfPlugins,
  notFound,
  recoverPlugin,
  registerSupervisor,
  updateSupervisor,
  type Viewer,
} from '@muster/core';
import type { Plugin, Supervisor } from '@muster/db';
import { type FieldNames, toCore, type WireObject, withWireNames } from './fields.ts';
import { pluginInfo, supervisorInfo } from './messages.ts';

type Command<Input> = (core: Core, viewer: Viewer, input: Input) => Promise<Supervisor>;

const targetNames: FieldNames = { supervisorId: 'supervisor_id', domainId: 'domain_id' };
const patchNames: FieldNames = {
  ...targetNames,
  name: 'name',
  isPublic: 'is_public',
  priority: 'priority',
  labels: 'labels',
  tags: 'tags',
};
const deregisterNames: FieldNames = { ...targetNames, force: 'force' };
const recoverNames: FieldNames = { ...targetNames, pluginId: 'plugin_id', version: 'version' };

/** A method that passes its fields to an operation of core's, which checks them, and answers the supervisor. */
function command<Input>(operation: Command<Input>, names: FieldNames) {
  return async (core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> => {
    const supervisor = await withWireNames(operation(core, viewer, toCore(request, names) as Input), names);
    return supervisorInfo(viewer, supervisor);
  };
}

export const register = command(registerSupervisor, patchNames);
export const update = command(updateSupervisor, patchNames);
export const enable = command(enableSupervisor, targetNames);
export const disable = command(disableSupervisor, targetNames);

export async function deregister(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  const input = toCore(request, deregisterNames) as unknown as Parameters<typeof deregisterSupervisor>[2];
  if (input.force != null && typeof input.force !== 'boolean') {
    throw badUserInput(['force'], `expected true or false; got ${describe(input.force)}`);
  }
  await withWireNames(deregisterSupervisor(core, viewer, input), deregisterNames);
  return {};
}

export async function get(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  const { supervisor_id: id, domain_id: domainId } = request;
  if (typeof id !== 'string') throw badUserInput(['supervisor_id'], `expected a text; got ${describe(id)}`);
  const found = await withWireNames(getSupervisor(core, viewer, id, domainId as string | null), targetNames);
  if (found === null) throw notFound('supervisor', describe(id));
  const info = supervisorInfo(viewer, found);
  const only = fieldsAskedFor(request.only, info);
  return only.length === 0 ? info : Object.fromEntries(only.map((field) => [field, info[field]]));
}

/** A list of names, or a text of names between commas. */
function fieldsAskedFor(only: unknown, info: WireObject): string[] {
  const names = typeof only === 'string' ? only.split(',') : (only ?? []);
  if (!Array.isArray(names)) throw badUserInput(['only'], `expected a list of fields; got ${describe(only)}`);
  return names.map((name, place) => {
    const trimmed = typeof name === 'string' ? name.trim() : name;
    if (typeof trimmed === 'string' && Object.hasOwn(info, trimmed)) return trimmed;
    throw badUserInput(['only', place], `expected one of ${Object.keys(info).join(', ')}; got ${describe(name)}`);
  });
}

export async function recover(core: Core, viewer: Viewer, request: WireObject): Promise<WireObject> {
  const input = toCore(request, recoverNames) as unknown as Parameters<typeof recoverPlugin>[2];
  const plugin = await withWireNames(recoverPlugin(core, viewer, input), recoverNames);
  const [info = {}] = await pluginInfos(core, [plugin]);
  return info;
}

/** As they are told, with the names that their supervisors have now. */
export async function pluginInfos(core: Core, plugins: readonly Plugin[]): Promise<WireObject[]> {
  const supervisors = await getSupervisorsOfPlugins(core, [
    ...new Set(plugins.map(({ supervisorId }) => supervisorId)),
  ]);
  return plugins.map((plugin) => pluginInfo(plugin, supervisors.get(plugin.supervisorId)?.name ?? ''));
}
