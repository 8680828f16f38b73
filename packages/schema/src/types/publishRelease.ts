import { publishRelease, type ReleaseInfo } from '@muster/core';
import { builder } from '../builder.ts';
import { inputMutation } from './inputMutation.ts';
import { Release } from './release.ts';
import { HealthCheckKind } from './releaseSpec.ts';

const EnvironmentVariableInput = builder.inputType('EnvironmentVariableInput', {
  description: 'A variable of the environment of a plugin: exactly one of `value` and `secret`.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description:
        'The name: letters, digits and `_`, no digit first; 1 to 255 characters. Names that agents set are refused: `PORT`, `PORT_...` and `MUSTER_...`.',
    }),
    value: t.string({ description: 'The value, at most 4,096 characters. Default: none, for a secret.' }),
    secret: t.string({
      description:
        'The name of a secret that the agent holds: letters, digits, and `_`, `.`, `-` after the first; 1 to 255 characters. Default: none, for a value.',
    }),
  }),
});

const ReleasePortInput = builder.inputType('ReleasePortInput', {
  description: 'A port on which a plugin listens.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'The name: small letters, digits and `-`, a letter first; 1 to 15 characters, unique in the spec.',
    }),
    port: t.int({ required: true, description: 'The number: 1 to 65,535, unique in the spec.' }),
    scheme: t.string({
      description: 'The scheme of the endpoint: `grpc`, `grpcs`, `http`, `https` or `tcp`. Default: `grpc`.',
    }),
  }),
});

const HealthCheckInput = builder.inputType('HealthCheckInput', {
  description: 'How an agent finds out whether a plugin is well.',
  fields: (t) => ({
    kind: t.field({
      type: HealthCheckKind,
      description:
        'The kind of check. Default: GRPC for a port of the scheme `grpc` or `grpcs`, TCP for another port, NONE where there is no port.',
    }),
    port: t.string({ description: 'The name of the port to check. Default: the first port.' }),
    path: t.string({ description: 'The path of the request; for the kind HTTP alone. Default: `/`.' }),
    service: t.string({
      description: 'The service to ask for; for the kind GRPC alone. Default: none, for the server as a whole.',
    }),
    intervalSeconds: t.int({ description: 'The time in seconds between two checks: 1 to 3,600. Default: 5.' }),
  }),
});

const ReleaseResourcesInput = builder.inputType('ReleaseResourcesInput', {
  description: 'The resources that a plugin may take.',
  fields: (t) => ({
    memoryMib: t.int({
      description: 'The maximum memory in MiB: 6 to 4,194,304. Default: as the agent is configured.',
    }),
    cpuMillis: t.int({
      description:
        'The maximum processor time in thousandths of a core: 1 to 1,000,000. Default: as the agent is configured.',
    }),
  }),
});

const ReleaseSpecInput = builder.inputType('ReleaseSpecInput', {
  description: 'The make of a version of a plugin, at most 16 KiB as JSON.',
  fields: (t) => ({
    image: t.string({
      description:
        'The image with a tag or a digest, such as `registry.example.com/team/collector:1.2.0`. Default: none, for an agent that knows images by itself, or that runs processes.',
    }),
    command: t.stringList({
      description:
        'The program, and its first arguments, at most 100 of 4,096 characters each. Default: the command of the image.',
    }),
    arguments: t.stringList({
      description: 'The arguments of the command, at most 100 of 4,096 characters each. Default: none.',
    }),
    environment: t.field({
      type: [EnvironmentVariableInput],
      description: 'The variables of the environment, at most 100. Default: none.',
    }),
    ports: t.field({
      type: [ReleasePortInput],
      description: 'The ports on which the plugin listens, at most 64. Default: none.',
    }),
    health: t.field({
      type: HealthCheckInput,
      description: 'How the agent finds out whether the plugin is well. Default: by the first port.',
    }),
    resources: t.field({
      type: ReleaseResourcesInput,
      description: 'The resources that the plugin may take. Default: as the agent is configured.',
    }),
    stopTimeoutSeconds: t.int({
      description:
        'The time in seconds that the plugin has to end by itself, before it is killed: 0 to 3,600. Default: 10.',
    }),
  }),
});

inputMutation('publishRelease', {
  description:
    'Publishes a version of a plugin, once and for good. The same spec again is answered with the same release, a retired one too; another spec of a version that is published with PLUGIN_STATE. LIMIT where the domain has as many releases as it may have.',
  inputDescription: 'The release to publish.',
  fields: (t) => ({
    domainId: t.id({
      description:
        'The domain of the release. Default: the domain of the credential. An ADMIN of all domains must name one, unless the release is public. Only an ADMIN may name another domain; anybody else is answered FORBIDDEN.',
    }),
    isPublic: t.boolean({
      description:
        'Whether the release is for all domains, which only an ADMIN of all domains may publish; then `domainId` is none. Default: false.',
    }),
    pluginId: t.string({
      required: true,
      description: 'The plugin id, which names the software; 1 to 255 characters.',
    }),
    version: t.string({ required: true, description: 'The version of the software; 1 to 255 characters.' }),
    spec: t.field({ type: ReleaseSpecInput, required: true, description: 'The make of the version.' }),
  }),
  payload: builder.objectRef<{ release: ReleaseInfo }>('PublishReleasePayload').implement({
    description: 'The answer to `publishRelease`.',
    fields: (t) => ({
      release: t.expose('release', {
        type: Release,
        description: 'The release: a new one, or the one that was there.',
      }),
    }),
  }),
  run: async (core, viewer, input) => ({ release: await publishRelease(core, viewer, input) }),
});
