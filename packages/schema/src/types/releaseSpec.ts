import type {
  EnvironmentVariable as EnvironmentVariableModel,
  HealthCheck as HealthCheckModel,
  healthCheckKinds,
  ReleasePort as ReleasePortModel,
  ReleaseSpec as ReleaseSpecModel,
} from '@muster/core';
import { builder } from '../builder.ts';

const healthDescriptions = {
  GRPC: { description: 'The standard service `grpc.health.v1.Health` answers SERVING.' },
  TCP: { description: 'The port accepts a connection.' },
  HTTP: { description: 'A GET of the path is answered with a status from 200 to 399.' },
  NONE: { description: 'Nothing is checked: the plugin is well while it runs.' },
} as const satisfies Record<(typeof healthCheckKinds)[number], object>;

/** The way in which an agent checks a plugin's health. */
export const HealthCheckKind = builder.enumType('HealthCheckKind', {
  description: 'How an agent finds out whether a plugin is well.',
  values: healthDescriptions,
});

const EnvironmentVariable = builder.objectRef<EnvironmentVariableModel>('EnvironmentVariable').implement({
  description: 'A variable of the environment of a plugin. It has either a value or a secret.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the variable.' }),
    value: t.exposeString('value', { nullable: true, description: 'The value; null where it is a secret.' }),
    secret: t.exposeString('secret', {
      nullable: true,
      description:
        'The name of a secret that the agent holds, and whose value it gives to the plugin; null for a value.',
    }),
  }),
});

const ReleasePort = builder.objectRef<ReleasePortModel>('ReleasePort').implement({
  description: 'A port on which a plugin listens.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name, which is unique in the spec.' }),
    port: t.exposeInt('port', { description: 'The number: 1 to 65,535.' }),
    scheme: t.exposeString('scheme', {
      description: 'The scheme of the endpoint: `grpc`, `grpcs`, `http`, `https` or `tcp`.',
    }),
  }),
});

const HealthCheck = builder.objectRef<HealthCheckModel>('HealthCheck').implement({
  description: 'How an agent finds out whether a plugin is well.',
  fields: (t) => ({
    kind: t.expose('kind', { type: HealthCheckKind, description: 'The kind of check.' }),
    port: t.exposeString('port', {
      nullable: true,
      description: 'The name of the port to check; null for the kind NONE.',
    }),
    path: t.exposeString('path', {
      nullable: true,
      description: 'The path of the request of the kind HTTP; null for other kinds.',
    }),
    service: t.exposeString('service', {
      nullable: true,
      description: 'The service to ask for by the kind GRPC; null for the server as a whole, and for other kinds.',
    }),
    intervalSeconds: t.exposeInt('intervalSeconds', { description: 'The time in seconds between two checks.' }),
  }),
});

const ReleaseResources = builder.objectRef<ReleaseSpecModel['resources']>('ReleaseResources').implement({
  description: 'The resources that a plugin may take.',
  fields: (t) => ({
    memoryMib: t.exposeInt('memoryMib', {
      nullable: true,
      description: 'The maximum memory in MiB; null for the default of the agent.',
    }),
    cpuMillis: t.exposeInt('cpuMillis', {
      nullable: true,
      description: 'The maximum processor time in thousandths of a core; null for the default of the agent.',
    }),
  }),
});

/** The make of a version of a plugin. */
export const ReleaseSpec = builder.objectRef<ReleaseSpecModel>('ReleaseSpec').implement({
  description: 'The make of a version of a plugin, with all defaults filled in. It never changes.',
  fields: (t) => ({
    image: t.exposeString('image', {
      nullable: true,
      description:
        'The image, with a tag or a digest; null for a plugin whose image the agent knows by itself, or that runs without one.',
    }),
    command: t.exposeStringList('command', {
      nullable: true,
      description: 'The program, and its first arguments; null for the command of the image.',
    }),
    arguments: t.exposeStringList('arguments', { description: 'The arguments of the command.' }),
    environment: t.expose('environment', {
      type: [EnvironmentVariable],
      description: 'The variables of the environment, by name.',
    }),
    ports: t.expose('ports', { type: [ReleasePort], description: 'The ports on which the plugin listens.' }),
    health: t.expose('health', {
      type: HealthCheck,
      description: 'How the agent finds out whether the plugin is well.',
    }),
    resources: t.expose('resources', { type: ReleaseResources, description: 'The resources that it may take.' }),
    stopTimeoutSeconds: t.exposeInt('stopTimeoutSeconds', {
      description: 'The time in seconds that the plugin has to end by itself, before it is killed.',
    }),
  }),
});
