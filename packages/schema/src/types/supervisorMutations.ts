import {
  deregisterSupervisor,
  disableSupervisor,
  enableSupervisor,
  preregisterSupervisor,
  registerSupervisor,
  releaseHeldSupervisors,
  resetSupervisorSecret,
  updateSupervisor,
} from '@muster/core';
import { builder, type InputFields } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { inputMutation } from './inputMutation.ts';
import { supervisorMutation, targetFields } from './supervisorMutation.ts';

/** The fields that an operator sets. */
const patchFields = (t: InputFields) => ({
  name: t.string({ description: 'The name, 1 to 255 characters. Null is refused.' }),
  isPublic: t.boolean({
    description: 'Whether plugins of other domains may be placed here too. Null: false. Only an ADMIN may set true.',
  }),
  priority: t.int({
    description: 'The rank in placement: a plugin is placed on the supervisor with the greatest priority. Null: 0.',
  }),
  labels: t.field({
    type: 'JSONObject',
    description: 'The labels, which replace all labels of before; at most 64 keys and 16 KiB of JSON. Null: no labels.',
  }),
  tags: t.field({
    type: 'JSONObject',
    description: 'The tags, which replace all tags of before; at most 64 keys and 16 KiB of JSON. Null: no tags.',
  }),
});

supervisorMutation('registerSupervisor', {
  description:
    'Registers a supervisor: a PENDING one becomes ENABLED, a DISCONNECTED one with its next publish. The fields given here are set in the same step. SUPERVISOR_STATE where it was registered before.',
  inputDescription:
    'The supervisor to register, and the fields to set. A field that is left out stays as it is; null sets the default.',
  fields: (t) => ({ ...targetFields(t), ...patchFields(t) }),
  run: (core, viewer, input) => registerSupervisor(core, viewer, input),
});

supervisorMutation('preregisterSupervisor', {
  description:
    'Registers a supervisor by its hostname, also before it is first seen: then it is created DISCONNECTED, and its first publish makes it ENABLED. SUPERVISOR_STATE where it is registered already.',
  inputDescription:
    'The hostname to register, and the fields to set. Fields of a new supervisor that are left out come with its first publish.',
  fields: (t) => ({
    hostname: t.string({ required: true, description: 'The hostname of the agent, 1 to 255 characters.' }),
    domainId: t.id({ description: domainIdDescription.single }),
    ...patchFields(t),
  }),
  run: (core, viewer, input) => preregisterSupervisor(core, viewer, input),
});

supervisorMutation('updateSupervisor', {
  description:
    'Sets fields of a supervisor, in any state. From then on, a publish of the agent no longer changes these fields.',
  inputDescription:
    'The supervisor to change, and the fields to set. A field that is left out stays as it is; null sets the default.',
  fields: (t) => ({ ...targetFields(t), ...patchFields(t) }),
  run: (core, viewer, input) => updateSupervisor(core, viewer, input),
});

supervisorMutation('enableSupervisor', {
  description:
    'Makes a registered supervisor ENABLED again; an ENABLED one stays as it is. SUPERVISOR_STATE where it was never registered.',
  inputDescription: 'The supervisor to enable.',
  fields: targetFields,
  run: enableSupervisor,
});

supervisorMutation('disableSupervisor', {
  description:
    'Makes a registered supervisor DISABLED: no plugin is placed on it, and its plugins keep running. SUPERVISOR_STATE where it was never registered.',
  inputDescription: 'The supervisor to disable.',
  fields: targetFields,
  run: disableSupervisor,
});

supervisorMutation('resetSupervisorSecret', {
  capability: 'administer',
  description:
    'Forgets the secret key that a supervisor was created with, for an ADMIN. The next publish that brings a secret key sets a new one.',
  inputDescription: 'The supervisor whose secret key to forget.',
  fields: targetFields,
  run: resetSupervisorSecret,
});

inputMutation('deregisterSupervisor', {
  description:
    'Deletes a supervisor and its plugins. INSTALLED_PLUGIN_EXISTS while managed plugins are wanted on it, or a live agent still runs some, unless `force` is true. An agent that publishes again afterwards makes a new, PENDING supervisor.',
  inputDescription: 'The supervisor to delete.',
  fields: (t) => ({
    ...targetFields(t),
    force: t.boolean({
      defaultValue: false,
      description: 'Whether to delete the supervisor even though managed plugins are wanted or still running there.',
    }),
    block: t.boolean({
      defaultValue: false,
      description: 'Whether to block the hostname in the same step, as `blockHostname` does.',
    }),
  }),
  payload: builder.objectRef<{ deregisteredId: string }>('DeregisterSupervisorPayload').implement({
    description: 'The answer to `deregisterSupervisor`.',
    fields: (t) => ({
      deregisteredId: t.exposeID('deregisteredId', { description: 'The id of the deleted supervisor.' }),
    }),
  }),
  run: async (core, viewer, input) => ({ deregisteredId: await deregisterSupervisor(core, viewer, input) }),
});

inputMutation('releaseHeldSupervisors', {
  description:
    'Confirms that supervisors whose leases expired together (condition LEASES_HELD) are gone: they become DISCONNECTED.',
  inputDescription: 'The domain whose held supervisors to release.',
  fields: (t) => ({ domainId: t.id({ description: domainIdDescription.single }) }),
  payload: builder.objectRef<{ disconnectedIds: string[] }>('ReleaseHeldSupervisorsPayload').implement({
    description: 'The answer to `releaseHeldSupervisors`.',
    fields: (t) => ({
      disconnectedIds: t.idList({
        description: 'The ids of the supervisors that became DISCONNECTED, at most 1,000 of them.',
        resolve: ({ disconnectedIds }) => disconnectedIds.slice(0, 1_000),
      }),
      count: t.int({
        description: 'The number of supervisors that became DISCONNECTED.',
        resolve: ({ disconnectedIds }) => disconnectedIds.length,
      }),
    }),
  }),
  run: async (core, viewer, input) => ({ disconnectedIds: await releaseHeldSupervisors(core, viewer, input) }),
});
