import {
  type Assignment as AssignmentModel,
  type Assignments,
  cursorOf,
  listAssignments,
  watchAssignments,
} from '@muster/core';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { PluginState } from '../inputs/states.ts';
import { ReleaseSpec } from './releaseSpec.ts';

const secretKeyDescription =
  'The secret of the agent, where its supervisor was created with one. Operators need none. Default: none.';

const Assignment = builder.objectRef<AssignmentModel>('Assignment').implement({
  description: 'A plugin that a supervisor has to run.',
  fields: (t) => ({
    pluginInstanceId: t.exposeID('id', {
      description: 'The id of this plugin on this supervisor: `instance-` and 16 hex digits.',
    }),
    domainId: t.exposeID('domainId', { description: 'The domain (tenant) that the plugin belongs to.' }),
    pluginId: t.exposeString('pluginId', { description: 'The plugin id, which names the software.' }),
    version: t.exposeString('version', { description: 'The version of the software.' }),
    generation: t.exposeInt('generation', {
      description:
        'A counter of what is wanted. An agent that has not reached this generation installs the plugin again.',
    }),
    spec: t.expose('spec', {
      type: ReleaseSpec,
      nullable: true,
      description:
        'The make of this version, of the own release of the domain or else of the public one; null where the version has no release.',
    }),
    attempt: t.exposeInt('attempt', { description: 'The number of the attempt to reach the wanted state, from 1.' }),
    state: t.expose('state', {
      type: PluginState,
      description:
        'The state, as shown to an agent that knows no generations: RE_PROVISIONING once for each attempt, and PROVISIONING until the next.',
    }),
  }),
});

builder.queryField('assignments', (t) =>
  t.field({
    type: [Assignment],
    authScopes: { $any: { publish: true, operate: true } },
    nullable: true,
    description:
      'All plugins that a supervisor has to run; the agent removes every other plugin. Where the list is in doubt, the answer is an error, never an empty list. A request of the agent renews its lease, unless it is a GET.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.target }),
      supervisorId: t.arg.id({ description: 'The id of the supervisor. Either this or `hostname` is required.' }),
      hostname: t.arg.string({
        description:
          'The hostname of the supervisor. Either this or `supervisorId` is required; an ADMIN of all domains must name `domainId` too.',
      }),
      secretKey: t.arg.string({ description: secretKeyDescription }),
    },
    resolve: (_root, args, { core, viewer, isReadOnly }) =>
      listAssignments(core, viewer, args, { renews: !isReadOnly }),
  }),
);

const AssignmentsChange = builder.objectRef<Assignments>('AssignmentsChange').implement({
  description: 'All plugins that a supervisor has to run, as of one moment.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'The place of this list in the order of all changes.',
      resolve: ({ seq }, _args, { core }) => cursorOf(core, seq),
    }),
    assignments: t.field({
      type: [Assignment],
      description: 'The whole list; the agent removes every other plugin.',
      resolve: ({ plugins }) => plugins,
    }),
  }),
});

builder.subscriptionField('watchAssignments', (t) =>
  t.field({
    type: AssignmentsChange,
    authScopes: { $any: { publish: true, operate: true } },
    description:
      'The plugins that a supervisor has to run, now and whenever they change: the whole list each time, and an error where the list is in doubt. The subscription is no sign of life: the agent publishes beside it, with the generation that each report is about.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.target }),
      supervisorId: t.arg.id({ description: 'The id of the supervisor. Either this or `hostname` is required.' }),
      hostname: t.arg.string({
        description:
          'The hostname of the supervisor. Either this or `supervisorId` is required; an ADMIN of all domains must name `domainId` too.',
      }),
      secretKey: t.arg.string({ description: secretKeyDescription }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await watchAssignments(core, viewer, args)),
    resolve: (list) => list,
  }),
);
