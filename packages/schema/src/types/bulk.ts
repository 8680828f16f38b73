import {
  type BulkItem as BulkItemShape,
  disableSupervisors,
  enableSupervisors,
  installPlugins,
  uninstallPlugins,
} from '@muster/core';
import { builder, type InputFields } from '../builder.ts';
import { PluginFilter, SupervisorFilter } from '../inputs/entityFilters.ts';
import { fromInput } from '../inputs/input.ts';

const BulkOutcome = builder.enumType('BulkOutcome', {
  description: 'What became of one item of a bulk change, or in a dry run would.',
  values: {
    CHANGED: { description: 'It was changed.' },
    UNCHANGED: { description: 'It was so already.' },
    REFUSED: { description: 'It could not be changed; `code` and `message` say why.' },
  } as const satisfies Record<BulkItemShape['outcome'], object>,
});

const BulkItem = builder.objectRef<BulkItemShape>('BulkItem').implement({
  description: 'One item of a bulk change.',
  fields: (t) => ({
    id: t.exposeID('id', { description: "The supervisor's id, or the plugin's." }),
    outcome: t.expose('outcome', { type: BulkOutcome, description: 'What became of it.' }),
    code: t.exposeString('code', { nullable: true, description: 'Of the closed set of error codes, where refused.' }),
    message: t.exposeString('message', { nullable: true, description: 'What was expected and what came, likewise.' }),
  }),
});

const bulkPayload = (name: string) =>
  builder.objectRef<readonly BulkItemShape[]>(name).implement({
    description: 'What became of each item that the filter accepts.',
    fields: (t) => ({
      items: t.field({ type: [BulkItem], description: 'Item by item, by id.', resolve: (items) => items }),
    }),
  });

const bulkFields = (t: InputFields) => ({
  domainId: t.id({ description: 'In which domain; your own by default.' }),
  dryRun: t.boolean({ defaultValue: false, description: 'Only tell what would be done.' }),
});

/** Of supervisors. */
const supervisorFields = (t: InputFields) => ({
  ...bulkFields(t),
  filter: t.field({
    type: SupervisorFilter,
    required: true,
    description: 'Which supervisors, at most 1,000; `{}` means all.',
  }),
});

const InstallPluginsInput = builder.inputType('InstallPluginsInput', {
  description: 'What to install, and on which supervisors.',
  fields: (t) => ({
    ...supervisorFields(t),
    pluginId: t.string({ required: true, description: 'The software.' }),
    version: t.string({ required: true, description: 'Its version.' }),
    labels: t.field({
      type: 'JSONObject',
      description: 'What the labels of its supervisor must contain, also where it is moved to; nothing by default.',
    }),
  }),
});

builder.mutationField('installPlugins', (t) =>
  t.field({
    type: bulkPayload('InstallPluginsPayload'),
    authScopes: { operate: true },
    description: 'Has a plugin installed on every supervisor that the filter accepts.',
    args: { input: t.arg({ type: InstallPluginsInput, required: true, description: 'What, and where.' }) },
    resolve: (_root, { input }, { core, viewer }) => fromInput(installPlugins(core, viewer, input)),
  }),
);

const UninstallPluginsInput = builder.inputType('UninstallPluginsInput', {
  description: 'Which plugins to uninstall.',
  fields: (t) => ({
    ...bulkFields(t),
    filter: t.field({
      type: PluginFilter,
      required: true,
      description: 'Which plugins, at most 1,000; `{}` means all.',
    }),
  }),
});

builder.mutationField('uninstallPlugins', (t) =>
  t.field({
    type: bulkPayload('UninstallPluginsPayload'),
    authScopes: { operate: true },
    description: 'Takes every plugin that the filter accepts off the list of its supervisor.',
    args: { input: t.arg({ type: UninstallPluginsInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { core, viewer }) => fromInput(uninstallPlugins(core, viewer, input)),
  }),
);

const EnableSupervisorsInput = builder.inputType('EnableSupervisorsInput', {
  description: 'Which supervisors to enable.',
  fields: supervisorFields,
});

builder.mutationField('enableSupervisors', (t) =>
  t.field({
    type: bulkPayload('EnableSupervisorsPayload'),
    authScopes: { operate: true },
    description: 'Enables every supervisor that the filter accepts, as `enableSupervisor` does one.',
    args: { input: t.arg({ type: EnableSupervisorsInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { core, viewer }) => fromInput(enableSupervisors(core, viewer, input)),
  }),
);

const DisableSupervisorsInput = builder.inputType('DisableSupervisorsInput', {
  description: 'Which supervisors to disable.',
  fields: supervisorFields,
});

builder.mutationField('disableSupervisors', (t) =>
  t.field({
    type: bulkPayload('DisableSupervisorsPayload'),
    authScopes: { operate: true },
    description: 'Disables every supervisor that the filter accepts, as `disableSupervisor` does one.',
    args: { input: t.arg({ type: DisableSupervisorsInput, required: true, description: 'Which.' }) },
    resolve: (_root, { input }, { core, viewer }) => fromInput(disableSupervisors(core, viewer, input)),
  }),
);
