import type {
  DeploymentConditionType,
  DeploymentFilter,
  DeploymentOrder,
  DeploymentOrderField,
} from '../../generated/operations.ts';
import { paging, type QueryOf, someOf, sortedBy, text, yesOrNo } from '../../url/query.ts';
import { containing } from '../filterParts.ts';

const columns = {
  name: 'NAME',
  plugin: 'PLUGIN_ID',
  created: 'CREATED_AT',
} as const satisfies Readonly<Record<string, DeploymentOrderField>>;

const conditions: Readonly<Record<DeploymentConditionType, true>> = {
  CONFLICT: true,
  NO_CANDIDATE: true,
  OFFLINE: true,
  OVER_QUOTA: true,
  PAUSED: true,
  PLUGIN_FAILED: true,
  RELEASE_RETIRED: true,
  ROLLOUT_BLOCKED: true,
  ROLLOUT_HALTED: true,
  ROLLOUT_INCOMPLETE: true,
  ROUND_FAILED: true,
};

/** The reasons why a deployment may not be whole. */
export const deploymentConditionNames = Object.keys(conditions) as readonly DeploymentConditionType[];

/** The state of the list of deployments that its URL has. */
export const deploymentParts = {
  q: text,
  plugin: text,
  condition: someOf(deploymentConditionNames),
  paused: yesOrNo,
  sort: sortedBy(['name', 'plugin', 'created'], { column: 'name', descends: false }),
  page: paging,
};

export type DeploymentQuery = QueryOf<typeof deploymentParts>;

/** The filter that a URL stands for. */
export function deploymentFilter({ q, plugin, condition, paused }: DeploymentQuery): DeploymentFilter {
  return {
    ...(q !== '' && { or: [{ name: containing(q) }, { pluginId: containing(q) }, { id: { eq: q } }] }),
    ...(plugin !== '' && { pluginId: { eq: plugin } }),
    ...(condition.length > 0 && { conditions: { hasSome: condition } }),
    ...(paused !== null && { isPaused: { eq: paused } }),
  };
}

export function deploymentOrder({ sort }: DeploymentQuery): DeploymentOrder[] {
  return [{ field: columns[sort.column], direction: sort.descends ? 'DESC' : 'ASC' }];
}
