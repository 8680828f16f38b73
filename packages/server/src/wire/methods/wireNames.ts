import {
  type acquirePluginEndpoint,
  type deregisterSupervisor,
  InputError,
  type PluginReport,
  type publishSupervisor,
  type recoverPlugin,
  type updateSupervisor,
} from '@muster/core';
import type { MessageJson } from '../proto/messageJson.ts';

/** The input of an operation of core's. */
type InputOf<Operation extends (core: never, viewer: never, input: never) => unknown> = Parameters<Operation>[2];

/** The fields that the wire passes on to core. `upgrade_mode` stands for `anyVersion`; a call doesn't wait, and blocks no hostname. */
type InputField =
  | keyof InputOf<typeof publishSupervisor>
  | keyof PluginReport
  | keyof InputOf<typeof updateSupervisor>
  | Exclude<keyof InputOf<typeof deregisterSupervisor>, 'block'>
  | keyof InputOf<typeof recoverPlugin>
  | Exclude<keyof InputOf<typeof acquirePluginEndpoint>, 'anyVersion' | 'waitSeconds' | 'allowPublic'>;

/** The wire's name of each field of core's inputs; `wireFields` of core has those of rows. */
export const wireNames: Readonly<Record<InputField, string>> = {
  supervisorId: 'supervisor_id',
  domainId: 'domain_id',
  pluginId: 'plugin_id',
  name: 'name',
  hostname: 'hostname',
  secretKey: 'secret_key',
  isPublic: 'is_public',
  priority: 'priority',
  labels: 'labels',
  tags: 'tags',
  plugins: 'plugin_info',
  bootId: 'boot_id',
  sequence: 'sequence',
  force: 'force',
  version: 'version',
  state: 'state',
  endpoint: 'endpoint',
  endpoints: 'endpoints',
  message: 'message',
  observedGeneration: 'observed_generation',
};

const entries = Object.entries(wireNames) as [InputField, string][];

/** A message's fields under core's names, unchecked. A field that was left out stays absent, and null stays null. */
export function toCoreInput(message: MessageJson): Partial<Record<InputField, unknown>> {
  const given = entries.filter(([, wireName]) => message[wireName] !== undefined);
  return Object.fromEntries(given.map(([name, wireName]) => [name, message[wireName]]));
}

/** Awaits an operation of core's. @throws InputError under the wire's name where core refuses a field of its input */
export async function withWireNames<Result>(operation: Promise<Result>): Promise<Result> {
  try {
    return await operation;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [first, ...rest] = error.at;
    const named = entries.find(([name]) => name === first);
    throw named ? new InputError([named[1], ...rest], error.problem) : error;
  }
}
