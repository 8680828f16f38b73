import {
  type PluginReport,
  type PublishInput,
  type PublishResult,
  publishSupervisor,
  type RejectedPluginReport as RejectedShape,
} from '@muster/core';
import { builder } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { prefixInputErrors } from '../inputs/prefixInputErrors.ts';
import { PluginState } from '../inputs/states.ts';
import { Supervisor } from './supervisor.ts';

const PluginReportInput = builder.inputType('PluginReportInput', {
  description: 'The report of an agent about one plugin that it runs.',
  fields: (t) =>
    ({
      pluginId: t.string({ required: true, description: 'The id of the software, 1 to 255 characters.' }),
      version: t.string({ required: true, description: 'The version of the software, 1 to 255 characters.' }),
      domainId: t.id({
        description:
          'The domain whose plugin is meant, as `assignments` names it. Default: the report is about this plugin and version of every domain.',
      }),
      state: t.field({
        type: PluginState,
        required: true,
        description: 'The state of the plugin. NONE is refused.',
      }),
      endpoint: t.string({
        description:
          'The address of the plugin, at most 2,048 characters: `scheme://host:port` of the schemes grpc, grpcs, http, https and tcp, or `unix:/path`. An empty text is none yet. Default: the first of `endpoints`.',
      }),
      endpoints: t.stringList({ description: 'All addresses of the plugin, at most 64. Default: `endpoint` alone.' }),
      message: t.string({
        description: 'A message for operators, such as why the plugin does not run; cut after 4,096 characters.',
      }),
      observedGeneration: t.int({
        description:
          'The generation that this report is about. While a plugin is RE_PROVISIONING, only a report of its current generation changes the state. Where several domains have the plugin, name `domainId` too.',
      }),
    }) satisfies Record<keyof PluginReport, unknown>,
});

const PublishSupervisorInput = builder.inputType('PublishSupervisorInput', {
  description: 'The report of an agent: the agent itself, and the plugins that it runs.',
  fields: (t) =>
    ({
      domainId: t.id({ description: domainIdDescription.single }),
      name: t.string({
        required: true,
        description: 'The name that the agent proposes, 1 to 255 characters. It counts until an operator sets a name.',
      }),
      hostname: t.string({
        required: true,
        description:
          'The host of the agent, 1 to 255 characters. The domain and the hostname identify the supervisor; upper and lower case of ASCII letters are the same.',
      }),
      secretKey: t.string({
        description:
          'A secret of the agent. Once a publish that creates a supervisor brings one, each later publish, and each request for the assignments, must bring the same. Default: none.',
      }),
      isPublic: t.boolean({
        description:
          'Whether the agent proposes to take plugins of other domains too. Only the credential of an ADMIN may propose true; from any other it is named in `rejected`. Default: no proposal.',
      }),
      labels: t.field({
        type: 'JSONObject',
        description:
          'The labels that the agent proposes, at most 64 keys and 16 KiB of JSON. They count until an operator sets labels.',
      }),
      tags: t.field({
        type: 'JSONObject',
        description:
          'The tags that the agent proposes, at most 64 keys and 16 KiB of JSON. They count until an operator sets tags.',
      }),
      plugins: t.field({
        type: [PluginReportInput],
        description:
          'All plugins that the agent runs, at most 1,000; a plugin that is not listed counts as missing. Default: a heartbeat, which says nothing about plugins.',
      }),
      bootId: t.string({
        description:
          'Any text that identifies this run of the agent and differs after each start. With it, several agents of one hostname are noticed (condition DUPLICATE_AGENT).',
      }),
      sequence: t.int({
        description:
          'A number that grows with each report of one `bootId`. A report that is no newer than the last one of its run that was taken is answered and changes nothing, not even the lease. Default: the report counts whenever it comes.',
      }),
    }) satisfies Record<keyof PublishInput, unknown>,
});

const RejectedPluginReport = builder.objectRef<RejectedShape>('RejectedPluginReport').implement({
  description: 'A plugin, or a field, of a report that was refused; the rest of the report was accepted.',
  fields: (t) => ({
    index: t.exposeInt('index', {
      description: 'The index of the plugin in the report, from 0; -1 where a field of the report itself was refused.',
    }),
    field: t.exposeString('field', {
      nullable: true,
      description: 'The refused field of the report itself, such as `isPublic`; null where a plugin was refused.',
    }),
    pluginId: t.exposeString('pluginId', { nullable: true, description: 'The reported plugin id, if it was a text.' }),
    version: t.exposeString('version', { nullable: true, description: 'The reported version, if it was a text.' }),
    code: t.exposeString('code', { description: 'The error code, such as BAD_USER_INPUT.' }),
    message: t.exposeString('message', {
      description: 'The value that was expected, and the value that the report had, in words for people.',
    }),
  }),
});

const PublishSupervisorPayload = builder.objectRef<PublishResult>('PublishSupervisorPayload').implement({
  description: 'The answer to `publishSupervisor`.',
  fields: (t) => ({
    supervisor: t.field({
      type: Supervisor,
      description: 'The supervisor after the report.',
      resolve: ({ supervisor }) => supervisor,
    }),
    rejected: t.field({
      type: [RejectedPluginReport],
      description: 'The parts of the report that were refused, most of them plugins; empty where all was accepted.',
      resolve: ({ rejected }) => rejected,
    }),
    token: t.exposeString('token', {
      nullable: true,
      description:
        'The token of the agent itself, in the answer to the publish by which an enrollment key brings a newcomer in; null in every other answer. It is shown only here: the agent keeps it and sends it from then on.',
    }),
    nextPublishInMs: t.exposeInt('nextPublishInMs', {
      description:
        'The milliseconds to wait before the next publish. Varied at random, so that the agents of a fleet do not publish at once.',
    }),
  }),
});

builder.mutationField('publishSupervisor', (t) =>
  t.field({
    type: PublishSupervisorPayload,
    authScopes: { publish: true },
    nullable: true,
    description:
      'For agents: reports that the agent is alive, and the plugins that it runs. The first report creates the supervisor, PENDING; each report renews its lease.',
    args: { input: t.arg({ type: PublishSupervisorInput, required: true, description: 'The report.' }) },
    // Both ways, the types tell where this input differs from core's: here, and by `keyof` above.
    resolve: (_root, { input }, { core, viewer }) =>
      prefixInputErrors(publishSupervisor(core, viewer, input satisfies PublishInput)),
  }),
);
