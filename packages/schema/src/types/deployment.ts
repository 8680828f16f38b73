import type { RolloutSettings as RolloutSettingsShape } from '@muster/core';
import {
  type deploymentConditions,
  type deploymentOrderFields,
  getDeployment,
  listDeployments,
  specOf,
} from '@muster/core';
import type { Deployment as DeploymentModel } from '@muster/db';
import { builder, connection } from '../builder.ts';
import { DeploymentFilter, DeploymentMode } from '../inputs/deploymentFilter.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { PluginFilter } from '../inputs/entityFilters.ts';
import { OrderDirection } from '../inputs/filters.ts';
import { PluginConnection, PluginOrder, pluginOrderDescription } from './plugin.ts';
import { Rollout, RolloutFailureAction } from './rollout.ts';

const DeploymentConditionType = builder.enumType('DeploymentConditionType', {
  description: 'A reason why a deployment is not whole.',
  values: {
    NO_CANDIDATE: { description: 'No supervisor that matches can take it, or too few of them can.' },
    CONFLICT: { description: 'Supervisors that match belong to an older deployment of the same plugin.' },
    PAUSED: { description: 'It is paused: nothing new is begun.' },
    ROLLOUT_HALTED: {
      description:
        'The rollout to its version is PAUSED, or ended as ROLLED_BACK, ROLLBACK_FAILED or CANCELED. No other one begins until a version is given again.',
    },
    ROLLOUT_BLOCKED: { description: 'Another rollout of the plugin must end before its own can begin.' },
    ROLLOUT_INCOMPLETE: { description: 'Its rollout is over, and some supervisors kept another version.' },
    RELEASE_RETIRED: { description: 'The release of its version is retired: it is placed no more.' },
    PLUGIN_FAILED: { description: 'The plugin is in ERROR on some supervisors.' },
    OFFLINE: { description: 'Some supervisors that have it are DISCONNECTED.' },
    OVER_QUOTA: { description: 'The domain has as many plugins as it may have.' },
    ROUND_FAILED: { description: 'Its last round failed inside the server; each sweep tries again.' },
  } as const satisfies Record<(typeof deploymentConditions)[number], object>,
});

interface ConditionShape {
  readonly type: (typeof deploymentConditions)[number];
  readonly since: string;
  readonly message: string;
}

const DeploymentCondition = builder.objectRef<ConditionShape>('DeploymentCondition').implement({
  description: 'A reason why a deployment is not whole.',
  fields: (t) => ({
    type: t.expose('type', { type: DeploymentConditionType, description: 'The kind of reason.' }),
    since: t.field({
      type: 'DateTime',
      description: 'The time since when it holds.',
      resolve: ({ since }) => new Date(since),
    }),
    message: t.exposeString('message', { description: 'The reason in words for people.' }),
  }),
});

const DeploymentStatus = builder.objectRef<DeploymentModel>('DeploymentStatus').implement({
  description: 'How far a deployment is. `deploymentChanged` sends each change of it.',
  fields: (t) => ({
    desired: t.exposeInt('desired', { description: 'The number of supervisors that are to have the plugin.' }),
    active: t.exposeInt('active', {
      description: 'The number of those where the plugin is ACTIVE and can be called, in whatever version.',
    }),
    updating: t.exposeInt('updating', {
      description: 'The number of those that have another version than the one that is asked for.',
    }),
    failed: t.exposeInt('failed', { description: 'The number of those where the plugin is in ERROR.' }),
    conditions: t.field({
      type: [DeploymentCondition],
      description: 'The reasons why the deployment is not whole; empty where nothing is in its way.',
      resolve: ({ conditions }) => conditions as unknown as ConditionShape[],
    }),
  }),
});

const RolloutSettingsCanary = builder
  .objectRef<NonNullable<RolloutSettingsShape['canary']>>('RolloutSettingsCanary')
  .implement({
    description: 'The supervisors that a rollout upgrades first.',
    fields: (t) => ({
      count: t.exposeInt('count', { description: 'The number of supervisors that are upgraded before the others.' }),
      autoPromoteSeconds: t.exposeInt('autoPromoteSeconds', {
        nullable: true,
        description: 'The time in seconds after which the others follow by themselves; null for never.',
      }),
    }),
  });

const RolloutSettings = builder.objectRef<RolloutSettingsShape>('RolloutSettings').implement({
  description: 'How fast and how carefully the rollout goes that a change of version is.',
  fields: (t) => ({
    minHealthySeconds: t.exposeInt('minHealthySeconds', {
      description: 'The time in seconds for which the new version must be ACTIVE without a break.',
    }),
    healthyDeadlineSeconds: t.exposeInt('healthyDeadlineSeconds', {
      description: 'The time in seconds within which that must be so on each supervisor.',
    }),
    maxFailures: t.exposeInt('maxFailures', {
      description: 'The number of supervisors that may fail before the rollout halts.',
    }),
    onFailure: t.expose('onFailure', {
      type: RolloutFailureAction,
      description: 'What the rollout does when more supervisors have failed than may.',
    }),
    deadlineSeconds: t.exposeInt('deadlineSeconds', {
      description: 'The time in seconds for which supervisors that can take nothing are waited for.',
    }),
    canary: t.expose('canary', {
      type: RolloutSettingsCanary,
      nullable: true,
      description: 'The supervisors that are upgraded first; null for none.',
    }),
  }),
});

/** A standing wish: this plugin, in this version, on these supervisors, from now on. */
export const Deployment = builder.prismaNode('Deployment', {
  description:
    'A standing wish: this plugin, in this version, on all supervisors that match, or on a number of them, from now on.',
  id: { field: 'id', description: 'The id: `deployment-` and 12 hex digits.' },
  fields: (t) => ({
    domainId: t.exposeID('domainId', { description: 'The domain (tenant) that the deployment belongs to.' }),
    name: t.exposeString('name', { description: 'The name, unique in the domain.' }),
    pluginId: t.exposeString('pluginId', { description: 'The plugin id, which names the software.' }),
    version: t.exposeString('version', { description: 'The version that is asked for.' }),
    labels: t.expose('labels', {
      type: 'JSONObject',
      description: 'The labels that a supervisor must have; empty where none are required.',
    }),
    filter: t.field({
      type: 'JSONObject',
      nullable: true,
      description: 'The `SupervisorFilter` that a supervisor must meet, as it was given; null for none.',
      resolve: ({ filter }) => filter,
    }),
    allowPublic: t.exposeBoolean('allowPublic', {
      description: 'Whether public supervisors of other domains may have it.',
    }),
    mode: t.expose('mode', {
      type: DeploymentMode,
      description: 'Whether all that match have it, or a number of them.',
    }),
    count: t.exposeInt('count', {
      nullable: true,
      description: 'The number of supervisors that have it; null with the mode ALL.',
    }),
    spreadBy: t.exposeString('spreadBy', {
      nullable: true,
      description: 'The label over whose values the supervisors are spread; null for none.',
    }),
    maxUnavailable: t.exposeInt('maxUnavailable', {
      description: 'The maximum number of supervisors that are changed at the same time.',
    }),
    replaceAfterSeconds: t.exposeInt('replaceAfterSeconds', {
      nullable: true,
      description:
        'The time in seconds that a supervisor may be away until another one gets the plugin in its place; null for ever.',
    }),
    rolloutSettings: t.field({
      type: RolloutSettings,
      description: 'How the rollout goes that a change of version is.',
      resolve: (deployment) => specOf(deployment).rolloutSettings,
    }),
    isPaused: t.exposeBoolean('isPaused', { description: 'Whether nothing new is begun.' }),
    status: t.field({
      type: DeploymentStatus,
      description: 'How far the deployment is.',
      resolve: (deployment) => deployment,
    }),
    rollout: t.field({
      type: Rollout,
      nullable: true,
      description: 'The last rollout of the deployment; null where there was none yet.',
      resolve: ({ rolloutId }, _args, { loaders }) => (rolloutId === null ? null : loaders.rollout.load(rolloutId)),
    }),
    instances: t.field({
      type: PluginConnection,
      description: 'A page of the plugins that the deployment keeps, or has withdrawn and that are still there.',
      args: {
        filter: t.arg({ type: PluginFilter, description: 'The plugins to list. Default: all.' }),
        orderBy: t.arg({ type: [PluginOrder], description: pluginOrderDescription }),
        ...t.arg.connectionArgs(),
      },
      resolve: async ({ id }, args, { loaders }) => connection(await loaders.pluginsOfDeployment(id, args)),
    }),
    actor: t.exposeString('actor', { description: 'The subject that created the deployment.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'The time of the creation.' }),
    updatedAt: t.expose('updatedAt', {
      type: 'DateTime',
      description: 'The time when what it asks for was last changed.',
    }),
  }),
});

const DeploymentConnection = builder.connectionObject(
  { type: Deployment, name: 'DeploymentConnection', description: 'A page of deployments.' },
  { description: 'A deployment in a page.' },
);

const DeploymentOrderField = builder.enumType('DeploymentOrderField', {
  description: 'A field by which deployments can be ordered.',
  values: {
    ID: { description: 'The id.' },
    NAME: { description: 'The name.' },
    PLUGIN_ID: { description: 'The plugin id, which names the software.' },
    CREATED_AT: { description: 'The time of the creation.' },
  } as const satisfies Record<keyof typeof deploymentOrderFields, object>,
});

const DeploymentOrder = builder.inputType('DeploymentOrder', {
  description: 'One key of an order of deployments. Deployments that are equal in all keys are ordered by id.',
  fields: (t) => ({
    field: t.field({ type: DeploymentOrderField, required: true, description: 'The field to order by.' }),
    direction: t.field({ type: OrderDirection, required: true, description: 'The direction.' }),
  }),
});

builder.queryField('deployment', (t) =>
  t.field({
    type: Deployment,
    authScopes: { read: true },
    nullable: true,
    description:
      'The deployment with this id, or with this name in the domain; null where there is none that you may see.',
    args: {
      id: t.arg.id({ description: 'The id: `deployment-` and 12 hex digits. Either this or the name.' }),
      domainId: t.arg.id({ description: domainIdDescription.single }),
      name: t.arg.string({ description: 'The name. Either this or the id.' }),
    },
    resolve: (_root, args, { core, viewer }) => getDeployment(core, viewer, args),
  }),
);

builder.queryField('deployments', (t) =>
  t.field({
    type: DeploymentConnection,
    authScopes: { read: true },
    nullable: true,
    description: 'A page of deployments.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.read }),
      filter: t.arg({ type: DeploymentFilter, description: 'The deployments to list. Default: all.' }),
      orderBy: t.arg({ type: [DeploymentOrder], description: 'The keys to order by. Default: the name, ascending.' }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (_root, args, { core, viewer }) => connection(await listDeployments(core, viewer, args)),
  }),
);
