import { type Assignments, cursorOf, listAssignments, watchAssignments } from '@muster/core';
import type { Plugin as PluginModel } from '@muster/db';
import { builder } from '../builder.ts';
import { PluginState } from '../inputs/states.ts';

const Assignment = builder.objectRef<PluginModel>('Assignment').implement({
  description: 'A plugin that a supervisor is to run.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Of this plugin on this supervisor.' }),
    domainId: t.exposeID('domainId', { description: 'The tenant that asked for it.' }),
    pluginId: t.exposeString('pluginId', { description: 'The software.' }),
    version: t.exposeString('version', { description: 'Its version.' }),
    generation: t.exposeInt('generation', {
      description: 'Counts what was wished for. One that the agent is not at yet has the plugin installed anew.',
    }),
    attempt: t.exposeInt('attempt', { description: 'Which attempt at this wish it is, from 1.' }),
    state: t.expose('state', {
      type: PluginState,
      description:
        'Its state, as shown to an agent that knows no generations: RE_PROVISIONING once for each attempt, and PROVISIONING until the next.',
    }),
  }),
});

builder.queryField('assignments', (t) =>
  t.field({
    type: [Assignment],
    authScopes: { $any: { publish: true, operate: true } },
    description:
      'All that a supervisor is to run; what is not in it, its agent removes. Where that is in doubt it is an error, never an empty list. An agent that asks renews its lease.',
    args: {
      domainId: t.arg.id({ description: 'In which domain; your own by default.' }),
      supervisorId: t.arg.id({ description: 'Which supervisor, by id.' }),
      hostname: t.arg.string({ description: 'Or by where it runs.' }),
    },
    resolve: (_root, args, { core, viewer }) => listAssignments(core, viewer, args),
  }),
);

const AssignmentsChange = builder.objectRef<Assignments>('AssignmentsChange').implement({
  description: 'All that a supervisor is to run, as of one moment.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Its place in the order of all changes.',
      resolve: ({ seq }, _args, { core }) => cursorOf(core, seq),
    }),
    assignments: t.field({
      type: [Assignment],
      description: 'The whole list. What is not in it, the agent removes.',
      resolve: ({ plugins }) => plugins,
    }),
  }),
});

builder.subscriptionField('watchAssignments', (t) =>
  t.field({
    type: AssignmentsChange,
    authScopes: { $any: { publish: true, operate: true } },
    description:
      'What a supervisor is to run, now and then whenever it changes: the whole list each time, and an error where it is in doubt. It is no sign of life: the agent publishes beside it, with the generation that each report is about.',
    args: {
      domainId: t.arg.id({ description: 'In which domain; your own by default.' }),
      supervisorId: t.arg.id({ description: 'Which supervisor, by id.' }),
      hostname: t.arg.string({ description: 'Or by where it runs.' }),
    },
    subscribe: async (_root, args, { core, viewer, follow }) => follow(await watchAssignments(core, viewer, args)),
    resolve: (list) => list,
  }),
);
