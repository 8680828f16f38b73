import { type PublishResult, publishSupervisor, type RejectedPluginReport as RejectedShape } from '@muster/core';
import { builder } from '../builder.ts';
import { fromInput } from '../inputs/input.ts';
import { PluginState } from '../inputs/states.ts';
import { Supervisor } from './supervisor.ts';

const PluginReportInput = builder.inputType('PluginReportInput', {
  description: 'What an agent says of one plugin that it runs.',
  fields: (t) => ({
    pluginId: t.string({ required: true, description: 'The software that it is; 1 to 255 characters.' }),
    version: t.string({ required: true, description: 'Its version; 1 to 255 characters.' }),
    state: t.field({ type: PluginState, required: true, description: 'PROVISIONING, ACTIVE or ERROR.' }),
    endpoint: t.string({ description: 'Where it answers; at most 2,048 characters.' }),
    endpoints: t.stringList({ description: 'All its addresses, at most 64.' }),
    message: t.string({ description: 'What an operator should know of it.' }),
    observedGeneration: t.int({
      description:
        'The generation that this is about. While a plugin is RE_PROVISIONING, only a report of its current one counts.',
    }),
  }),
});

const PublishSupervisorInput = builder.inputType('PublishSupervisorInput', {
  description: 'An agent, and all that it runs.',
  fields: (t) => ({
    domainId: t.id({ description: 'Its domain; that of its credential by default.' }),
    name: t.string({
      required: true,
      description: 'What it proposes to be called, until an operator decides; 1 to 255 characters.',
    }),
    hostname: t.string({
      required: true,
      description: 'Where it runs; with the domain it tells the agent apart. 1 to 255 characters.',
    }),
    secretKey: t.string({
      description: 'Brought by the publish that creates a supervisor, it must come with every later one.',
    }),
    isPublic: t.boolean({ description: 'Proposes to take plugins of other domains too; for an ADMIN only.' }),
    labels: t.field({ type: 'JSONObject', description: 'Proposed labels. At most 64 keys and 16 KiB.' }),
    tags: t.field({ type: 'JSONObject', description: 'Proposed tags. At most 64 keys and 16 KiB.' }),
    plugins: t.field({
      type: [PluginReportInput],
      description: 'Everything that it runs, at most 1,000. Left out: a heartbeat that says nothing of plugins.',
    }),
    bootId: t.string({ description: 'Any text that names this run of the agent; another with each start.' }),
  }),
});

const RejectedPluginReport = builder.objectRef<RejectedShape>('RejectedPluginReport').implement({
  description: 'A plugin of a report that could not be taken; the rest of the report was.',
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in the report, from 0.' }),
    pluginId: t.exposeString('pluginId', { nullable: true, description: 'The software that it called itself.' }),
    version: t.exposeString('version', { nullable: true, description: 'The version that it called itself.' }),
    code: t.exposeString('code', { description: 'Of the closed set of error codes.' }),
    message: t.exposeString('message', { description: 'What was expected, and what came.' }),
  }),
});

const PublishSupervisorPayload = builder.objectRef<PublishResult>('PublishSupervisorPayload').implement({
  description: 'What became of a report.',
  fields: (t) => ({
    supervisor: t.field({
      type: Supervisor,
      description: 'The supervisor as it is now.',
      resolve: ({ supervisor }) => supervisor,
    }),
    rejected: t.field({
      type: [RejectedPluginReport],
      description: 'The plugins of the report that could not be taken.',
      resolve: ({ rejected }) => rejected,
    }),
    nextPublishInMs: t.exposeInt('nextPublishInMs', {
      description: 'How many milliseconds to wait until the next publish; chosen so that the fleet stays spread out.',
    }),
  }),
});

builder.mutationField('publishSupervisor', (t) =>
  t.field({
    type: PublishSupervisorPayload,
    authScopes: { publish: true },
    description:
      'For agents: says that one lives, and what it runs. The first one makes the supervisor, PENDING; each renews its lease.',
    args: { input: t.arg({ type: PublishSupervisorInput, required: true, description: 'The report.' }) },
    resolve: (_root, { input }, { core, viewer }) => fromInput(publishSupervisor(core, viewer, input)),
  }),
);
