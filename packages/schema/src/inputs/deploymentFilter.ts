import type { DeploymentFilter as DeploymentFilterShape } from '@muster/core';
import type { DeploymentMode as StoredDeploymentMode } from '@muster/db';
import { builder } from '../builder.ts';
import { BooleanFilter, ConditionFilter, DateTimeFilter, operatorsHold, partsHold, StringFilter } from './filters.ts';

/** On which supervisors a deployment has its plugin. */
export const DeploymentMode = builder.enumType('DeploymentMode', {
  description: 'On which of the supervisors that match a deployment has its plugin.',
  values: {
    ALL: { description: 'On all that are ENABLED and not cordoned.' },
    COUNT: { description: 'On `count` of them.' },
  } as const satisfies Record<StoredDeploymentMode, object>,
});

const DeploymentModeFilter = builder.inputType('DeploymentModeFilter', {
  description: `A condition on the mode of a deployment. ${operatorsHold}`,
  fields: (t) => ({
    eq: t.field({ type: DeploymentMode, description: 'The mode equals this.' }),
    ne: t.field({ type: DeploymentMode, description: 'The mode differs from this.' }),
    in: t.field({ type: [DeploymentMode], description: 'The mode is one of these.' }),
    notIn: t.field({ type: [DeploymentMode], description: 'The mode is none of these.' }),
  }),
});

/** A filter on deployments. The filter reaches into itself, so that it is named before its fields. */
export const DeploymentFilter = builder.inputRef<DeploymentFilterShape>('DeploymentFilter');

DeploymentFilter.implement({
  description: `A condition on deployments. ${partsHold}`,
  fields: (t) => ({
    and: t.field({ type: [DeploymentFilter], description: 'All of these hold.' }),
    or: t.field({
      type: [DeploymentFilter],
      description: 'At least one of these holds; an empty list matches nothing.',
    }),
    not: t.field({ type: DeploymentFilter, description: 'This does not hold.' }),
    id: t.field({ type: StringFilter, description: 'A condition on the id: `deployment-` and 12 hex digits.' }),
    name: t.field({ type: StringFilter, description: 'A condition on the name.' }),
    pluginId: t.field({ type: StringFilter, description: 'A condition on the plugin id, which names the software.' }),
    version: t.field({ type: StringFilter, description: 'A condition on the version.' }),
    mode: t.field({ type: DeploymentModeFilter, description: 'A condition on the mode.' }),
    isPaused: t.field({ type: BooleanFilter, description: 'A condition on whether it is paused.' }),
    conditions: t.field({
      type: ConditionFilter,
      description: 'A condition on the reasons why it is not whole, such as `{has: "NO_CANDIDATE"}`.',
    }),
    createdAt: t.field({ type: DateTimeFilter, description: 'A condition on the time of the creation.' }),
    updatedAt: t.field({
      type: DateTimeFilter,
      description: 'A condition on the time when what it asks for was last changed.',
    }),
  }),
});
