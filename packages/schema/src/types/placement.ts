import {
  badUserInput,
  type ConsideredSupervisor as ConsideredByInstall,
  type DeploymentAction as DeploymentActionName,
  type DeploymentPlacement,
  type DeploymentRule,
  deploymentRules,
  explainDeployment,
  explainPlacement,
  type PlacementRule as InstallRule,
  type Page,
  placementRules,
} from '@muster/core';
import { builder, connection } from '../builder.ts';
import { domainIdDescription } from '../inputs/domainId.ts';

const PlacementRule = builder.enumType('PlacementRule', {
  description: 'A rule of placement that rejects a supervisor, or has a deployment take off what it gave.',
  values: {
    OTHER_DOMAIN: { description: 'The supervisor belongs to another domain and is not public.' },
    NOT_ENABLED: { description: 'The supervisor is not ENABLED.' },
    CORDONED: { description: 'The supervisor is cordoned.' },
    LABELS: { description: 'The labels of the supervisor do not contain all required labels.' },
    ALREADY_THERE: { description: 'The supervisor has this version of the plugin already.' },
    FILTER: { description: 'The supervisor does not meet the filter of the deployment.' },
    CONFLICT: { description: 'An older deployment of the plugin has the supervisor.' },
    ENOUGH: { description: 'The deployment has as many supervisors as it wants.' },
    DRAINING: { description: 'The supervisor is drained.' },
    AWAY: { description: 'The supervisor has been away for longer than `replaceAfterSeconds` of the deployment.' },
  } as const satisfies Record<InstallRule | DeploymentRule, object>,
});

const DeploymentAction = builder.enumType('DeploymentAction', {
  description: 'What a deployment does on a supervisor, now or in a further round.',
  values: {
    INSTALL: { description: 'The plugin is installed.' },
    ADOPT: { description: 'The plugin is there already, as a one-off install, and is kept from now on.' },
    UPGRADE: { description: 'The plugin is there in another version, which a rollout replaces.' },
    WITHDRAW: { description: 'The plugin is taken off.' },
    KEEP: { description: 'The plugin stays as it is.' },
  } as const satisfies Record<DeploymentActionName, object>,
});

/** A supervisor as an install or a deployment considers it. */
interface Considered {
  readonly supervisorId: string;
  readonly name: string;
  readonly rank: number | null;
  readonly action: DeploymentActionName | null;
  readonly rejectedBy: InstallRule | DeploymentRule | null;
  readonly message: string | null;
  readonly lackingLabels: Readonly<Record<string, unknown>> | null;
}

/** A supervisor that an install considers, as it is shown. */
function ofInstall({ candidate, rank, rejectedBy }: ConsideredByInstall): Considered {
  const { id: supervisorId, name, lackingLabels } = candidate;
  return {
    supervisorId,
    name,
    rank,
    action: null,
    rejectedBy,
    message: rejectedBy && placementRules[rejectedBy],
    lackingLabels: rejectedBy === 'LABELS' ? lackingLabels : null,
  };
}

/** A supervisor of a deployment, as it is shown. */
export function ofDeployment({ rule, ...placement }: DeploymentPlacement): Considered {
  return { ...placement, rank: null, rejectedBy: rule, message: rule && deploymentRules[rule] };
}

/** A supervisor that placement considers. */
export const ConsideredSupervisor = builder.objectRef<Considered>('ConsideredSupervisor').implement({
  description: 'A supervisor that placement considers, and the result.',
  fields: (t) => ({
    supervisorId: t.exposeID('supervisorId', { description: 'The id of the supervisor.' }),
    name: t.exposeString('name', { description: 'The name of the supervisor.' }),
    rank: t.exposeInt('rank', {
      nullable: true,
      description:
        'The rank among the supervisors that can take the plugin, from 1, the best; null for a rejected supervisor, and where a deployment considers it.',
    }),
    action: t.expose('action', {
      type: DeploymentAction,
      nullable: true,
      description:
        'What the deployment does there; null where it does nothing there, and where an install considers the supervisor.',
    }),
    rejectedBy: t.expose('rejectedBy', {
      type: PlacementRule,
      nullable: true,
      description:
        'The rule that rejects the supervisor, or by which a deployment treats what it has there; null where there is none.',
    }),
    message: t.exposeString('message', {
      nullable: true,
      description: 'That rule in words for people; null where there is none.',
    }),
    lackingLabels: t.expose('lackingLabels', {
      type: 'JSONObject',
      nullable: true,
      description:
        'The required labels that the supervisor lacks, or has with another value; null unless the rule LABELS rejects it.',
    }),
  }),
});

const ConsideredSupervisorConnection = builder.connectionObject(
  {
    type: ConsideredSupervisor,
    name: 'ConsideredSupervisorConnection',
    description: 'A page of the supervisors that placement considers.',
  },
  { description: 'A considered supervisor in a page.' },
);

builder.queryField('explainPlacement', (t) =>
  t.field({
    type: ConsideredSupervisorConnection,
    authScopes: { read: true },
    nullable: true,
    description:
      'A page of the supervisors that an install would consider, the best first, by the rules that an install uses. Equal ones are ordered by id; an install chooses any of them. With `deploymentId`, a page of the supervisors that the deployment considers, with what it does on each: those first where something is to change. Changes nothing. PLUGIN_STATE where the release of the version to install is retired.',
    args: {
      domainId: t.arg.id({ description: domainIdDescription.single }),
      deploymentId: t.arg.id({
        description:
          'The deployment to explain, in place of an install: then the arguments of an install are BAD_USER_INPUT. Default: none.',
      }),
      pluginId: t.arg.string({ description: 'The plugin id, which names the software. Required for an install.' }),
      version: t.arg.string({ description: 'The version of the software. Required for an install.' }),
      labels: t.arg({
        type: 'JSONObject',
        description: 'The labels that the supervisor must have, such as `{"env": "prod"}`. Default: none are required.',
      }),
      supervisorId: t.arg.id({ description: 'The only supervisor to consider. Default: all.' }),
      allowPublic: t.arg.boolean({
        description: 'Whether public supervisors of other domains are considered. Default: true.',
      }),
      ...t.arg.connectionArgs(),
    },
    resolve: async (_root, { deploymentId, ...args }, { core, viewer }) => {
      if (deploymentId == null) return connection(shown(await explainPlacement(core, viewer, args), ofInstall));
      const extra = (['pluginId', 'version', 'labels', 'supervisorId', 'allowPublic'] as const).find(
        (name) => args[name] != null,
      );
      if (extra) throw badUserInput([extra], 'expected none beside deploymentId, which has its own');
      return connection(shown(await explainDeployment(core, viewer, { ...args, deploymentId }), ofDeployment));
    },
  }),
);

/** The same page of other nodes. */
function shown<Model>(page: Page<Model>, of: (model: Model) => Considered): Page<Considered> {
  return { ...page, edges: page.edges.map(({ cursor, node }) => ({ cursor, node: of(node) })) };
}
