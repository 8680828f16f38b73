import {
  type BulkItem as BulkItemShape,
  type BulkResult,
  blockHostnames,
  cordonSupervisors,
  deregisterSupervisors,
  disableSupervisors,
  drainSupervisors,
  enableSupervisors,
  installPlugins,
  recoverPlugins,
  registerSupervisors,
  uncordonSupervisors,
  undrainSupervisors,
  uninstallPlugins,
} from '@muster/core';
import type { InputFieldMap } from '@pothos/core';
import { builder, type InputFields } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { PluginFilter, SupervisorFilter } from '../inputs/entityFilters.ts';
import { inputMutation, type MutationInput, mutationTypeName, type Run } from './inputMutation.ts';

const BulkOutcome = builder.enumType('BulkOutcome', {
  description: 'The result of a bulk change for one item; in a dry run, the result that the change would have.',
  values: {
    CHANGED: { description: 'The item was changed.' },
    UNCHANGED: { description: 'The item was in the wanted state already.' },
    REFUSED: { description: 'The item could not be changed; `code` and `message` say why.' },
  } as const satisfies Record<BulkItemShape['outcome'], object>,
});

const BulkItem = builder.objectRef<BulkItemShape>('BulkItem').implement({
  description: 'The result of a bulk change for one supervisor or plugin.',
  fields: (t) => ({
    targetId: t.exposeID('id', { description: 'The id of the supervisor or plugin.' }),
    outcome: t.expose('outcome', { type: BulkOutcome, description: 'The result.' }),
    code: t.exposeString('code', {
      nullable: true,
      description: 'The error code of a REFUSED item, such as SUPERVISOR_STATE; otherwise null.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'The reason of a REFUSED item, in words for people; otherwise null.',
    }),
  }),
});

const bulkFields = (t: InputFields) => ({
  domainId: t.id({ description: domainIdDescription.target }),
  all: t.boolean({
    defaultValue: false,
    description: 'Whether the change is for all, in place of a filter.',
  }),
  after: t.id({
    description: 'Where the run before this one ended: its `after`. Default: the change begins with the first item.',
  }),
  dryRun: t.boolean({
    defaultValue: false,
    description: 'Whether only to answer what the change would do, and to change nothing.',
  }),
});

const filterDescription =
  'Each part must be a condition: a part that says nothing, such as `{}`, null or `{in: null}`, is BAD_USER_INPUT, with its path.';

/** The fields of a bulk change of supervisors. */
const supervisorFields = (t: InputFields) => ({
  ...bulkFields(t),
  filter: t.field({ type: SupervisorFilter, description: `The supervisors to change. ${filterDescription}` }),
});

/** The fields of a bulk change of plugins. */
const pluginFields = (t: InputFields) => ({
  ...bulkFields(t),
  filter: t.field({ type: PluginFilter, description: `The plugins to change. ${filterDescription}` }),
});

interface BulkMutation<Fields extends InputFieldMap> extends MutationInput<Fields> {
  readonly run: Run<Fields, BulkResult>;
}

/** Defines a mutation of many items, with a payload that is named after the mutation. */
function bulkMutation<Fields extends InputFieldMap>(name: string, options: BulkMutation<Fields>): void {
  const payload = builder.objectRef<BulkResult>(mutationTypeName(name, 'Payload')).implement({
    description: `The answer to \`${name}\`.`,
    fields: (t) => ({
      items: t.field({
        type: [BulkItem],
        description: 'The result for each item of this run, at most 1,000, ordered by id.',
        resolve: ({ items }) => items,
      }),
      after: t.exposeID('after', {
        nullable: true,
        description: 'The `after` of the next run, where there are more items; null once all are done.',
      }),
    }),
  });
  inputMutation(name, { ...options, payload });
}

bulkMutation('installPlugins', {
  description: 'Installs a plugin on every supervisor that the filter matches.',
  inputDescription: 'The plugin to install, and the supervisors to install it on.',
  fields: (t) => ({
    ...supervisorFields(t),
    pluginId: t.string({ required: true, description: 'The plugin id, which names the software.' }),
    version: t.string({ required: true, description: 'The version of the software.' }),
    labels: t.field({
      type: 'JSONObject',
      description:
        'The labels that the supervisor must have, now and wherever the plugin is moved. Default: none are required.',
    }),
  }),
  run: (core, viewer, input) => installPlugins(core, viewer, input),
});

bulkMutation('uninstallPlugins', {
  description: 'Takes every plugin that the filter matches off the assignments of its supervisor.',
  inputDescription: 'The plugins to uninstall.',
  fields: pluginFields,
  run: uninstallPlugins,
});

bulkMutation('recoverPlugins', {
  description: 'Has every plugin that the filter matches provisioned again, as `recoverPlugin` does for one.',
  inputDescription: 'The plugins to recover.',
  fields: pluginFields,
  run: recoverPlugins,
});

bulkMutation('enableSupervisors', {
  description: 'Enables every supervisor that the filter matches, as `enableSupervisor` does for one.',
  inputDescription: 'The supervisors to enable.',
  fields: supervisorFields,
  run: enableSupervisors,
});

bulkMutation('disableSupervisors', {
  description: 'Disables every supervisor that the filter matches, as `disableSupervisor` does for one.',
  inputDescription: 'The supervisors to disable.',
  fields: supervisorFields,
  run: disableSupervisors,
});

bulkMutation('cordonSupervisors', {
  description: 'Cordons every supervisor that the filter matches, as `cordonSupervisor` does for one.',
  inputDescription: 'The supervisors to cordon.',
  fields: supervisorFields,
  run: cordonSupervisors,
});

bulkMutation('uncordonSupervisors', {
  description: 'Uncordons every supervisor that the filter matches, as `uncordonSupervisor` does for one.',
  inputDescription: 'The supervisors to uncordon.',
  fields: supervisorFields,
  run: uncordonSupervisors,
});

bulkMutation('drainSupervisors', {
  description:
    'Cordons every supervisor that the filter matches, and drains them, some at a time: each is QUEUED until its turn comes.',
  inputDescription: 'The supervisors to drain, how many at a time, and the deadline of each.',
  fields: (t) => ({
    ...supervisorFields(t),
    deadlineSeconds: t.int({
      description:
        'The time in seconds that each drain may take once its turn has come: at most 2,592,000 (30 days). Default: 3,600.',
    }),
    maxParallel: t.int({
      description: 'The number of these supervisors that are drained at a time, 1 to 1,000. Default: 1.',
    }),
  }),
  run: (core, viewer, input) => drainSupervisors(core, viewer, input),
});

bulkMutation('undrainSupervisors', {
  description: 'Ends the drain of every supervisor that the filter matches, as `undrainSupervisor` does for one.',
  inputDescription: 'The supervisors whose drains to end.',
  fields: supervisorFields,
  run: undrainSupervisors,
});

bulkMutation('registerSupervisors', {
  description: 'Registers every supervisor that the filter matches, as `registerSupervisor` does for one.',
  inputDescription: 'The supervisors to register.',
  fields: supervisorFields,
  run: registerSupervisors,
});

bulkMutation('deregisterSupervisors', {
  description: 'Deletes every supervisor that the filter matches, as `deregisterSupervisor` does for one.',
  inputDescription: 'The supervisors to delete.',
  fields: (t) => ({
    ...supervisorFields(t),
    force: t.boolean({
      defaultValue: false,
      description: 'Whether to delete them even though managed plugins are wanted or still running there.',
    }),
    block: t.boolean({ defaultValue: false, description: 'Whether to block each hostname in the same step.' }),
  }),
  run: (core, viewer, input) => deregisterSupervisors(core, viewer, input),
});

bulkMutation('blockHostnames', {
  description: 'Blocks the hostname of every supervisor that the filter matches, as `blockHostname` does for one.',
  inputDescription: 'The supervisors whose hostnames to block.',
  fields: (t) => ({
    ...supervisorFields(t),
    note: t.string({
      description: 'Why they are blocked, in words for people; 1 to 255 characters. Default: no words.',
    }),
  }),
  run: (core, viewer, input) => blockHostnames(core, viewer, input),
});
