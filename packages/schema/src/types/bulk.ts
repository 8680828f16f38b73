import {
  type BulkItem as BulkItemShape,
  disableSupervisors,
  enableSupervisors,
  installPlugins,
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
    id: t.exposeID('id', { description: 'The id of the supervisor or plugin.' }),
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
  dryRun: t.boolean({
    defaultValue: false,
    description: 'Whether only to answer what the change would do, and to change nothing.',
  }),
});

/** The fields of a bulk change of supervisors. */
const supervisorFields = (t: InputFields) => ({
  ...bulkFields(t),
  filter: t.field({
    type: SupervisorFilter,
    required: true,
    description: 'The supervisors to change, at most 1,000. An empty filter, `{}`, means all supervisors.',
  }),
});

interface BulkMutation<Fields extends InputFieldMap> extends MutationInput<Fields> {
  readonly run: Run<Fields, BulkItemShape[]>;
}

/** Defines a mutation of many items, with a payload that is named after the mutation. */
function bulkMutation<Fields extends InputFieldMap>(name: string, options: BulkMutation<Fields>): void {
  const payload = builder.objectRef<BulkItemShape[]>(mutationTypeName(name, 'Payload')).implement({
    description: `The answer to \`${name}\`.`,
    fields: (t) => ({
      items: t.field({
        type: [BulkItem],
        description: 'The result for each item that the filter matches, ordered by id.',
        resolve: (items) => items,
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
  fields: (t) => ({
    ...bulkFields(t),
    filter: t.field({
      type: PluginFilter,
      required: true,
      description: 'The plugins to uninstall, at most 1,000. An empty filter, `{}`, means all plugins.',
    }),
  }),
  run: (core, viewer, input) => uninstallPlugins(core, viewer, input),
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
