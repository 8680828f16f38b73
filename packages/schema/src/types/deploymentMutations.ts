import { createDeployment, type DeploymentChangeResult, deleteDeployment, updateDeployment } from '@muster/core';
import { builder, type InputFields } from '../builder.ts';
import { DeploymentMode } from '../inputs/deploymentFilter.ts';
import { domainIdDescription } from '../inputs/domainId.ts';
import { SupervisorFilter } from '../inputs/entityFilters.ts';
import { Deployment } from './deployment.ts';
import { inputMutation, mutationTypeName } from './inputMutation.ts';
import { ConsideredSupervisor, ofDeployment } from './placement.ts';
import { rolloutPaceFields } from './rolloutPace.ts';

const RolloutSettingsInput = builder.inputType('RolloutSettingsInput', {
  description: 'How fast and how carefully the rollout goes that a change of version is.',
  fields: rolloutPaceFields,
});

/** The fields of what a deployment asks for, which an update may change one by one. */
const specFields = (t: InputFields) => ({
  labels: t.field({
    type: 'JSONObject',
    description: 'The labels that a supervisor must have, such as `{"env": "prod"}`. Default, and null: none.',
  }),
  filter: t.field({
    type: SupervisorFilter,
    description:
      'A condition that a supervisor must meet, beside the labels. Each part must be a condition, and none may be on plugins or on `lastSeenAt`: BAD_USER_INPUT, with its path. Default, and null: none.',
  }),
  allowPublic: t.boolean({
    description: 'Whether public supervisors of other domains may have it. Default: false.',
  }),
  count: t.int({
    description:
      'The number of supervisors that have it: 0 to 100,000. Required with the mode COUNT, and for no other.',
  }),
  spreadBy: t.string({
    description:
      'The label over whose values the supervisors are spread evenly, as they are chosen; for the mode COUNT. Default, and null: none.',
  }),
  maxUnavailable: t.int({
    description: 'The maximum number of supervisors that are changed at the same time: 1 to 100,000. Default: 10.',
  }),
  replaceAfterSeconds: t.int({
    description:
      'The time in seconds that a supervisor may be DISCONNECTED until another one gets the plugin in its place, at most 2,592,000 (30 days); for the mode COUNT. Default, and null: for ever.',
  }),
  rolloutSettings: t.field({
    type: RolloutSettingsInput,
    description: 'How the rollout goes that a change of version is. Default: as `upgradePlugin` has it.',
  }),
  isPaused: t.boolean({
    description:
      'Whether nothing new is begun: no install, no withdrawal but for a drain, no step of a rollout. Default: false.',
  }),
  dryRun: t.boolean({
    defaultValue: false,
    description: 'Whether only to answer what the change would do, and to change nothing.',
  }),
});

function payloadOf(mutation: string, deploymentDescription: string) {
  return builder.objectRef<DeploymentChangeResult>(mutationTypeName(mutation, 'Payload')).implement({
    description: `The answer to \`${mutation}\`.`,
    fields: (t) => ({
      deployment: t.field({
        type: Deployment,
        nullable: true,
        description: deploymentDescription,
        resolve: ({ deployment }) => deployment,
      }),
      placements: t.field({
        type: [ConsideredSupervisor],
        description:
          'What the deployment does on each supervisor, now or in further rounds, by the ids of the supervisors; at most 1,000 of them.',
        resolve: ({ placements }) => placements.slice(0, 1_000).map(ofDeployment),
      }),
      placementCount: t.int({
        description: 'The number of supervisors on which it does something, or keeps what is there.',
        resolve: ({ placements }) => placements.length,
      }),
    }),
  });
}

inputMutation('createDeployment', {
  description:
    'Creates a deployment, and begins to fulfil it. LIMIT where the domain has as many deployments as it may have.',
  inputDescription: 'The deployment to create.',
  fields: (t) => ({
    domainId: t.id({ description: domainIdDescription.single }),
    name: t.string({
      required: true,
      description: 'The name, 1 to 255 characters, which no other deployment of the domain may have. It stays.',
    }),
    pluginId: t.string({ required: true, description: 'The plugin id, which names the software. It stays.' }),
    version: t.string({ required: true, description: 'The version of the software.' }),
    mode: t.field({
      type: DeploymentMode,
      required: true,
      description: 'Whether all supervisors that match have it, or a number of them.',
    }),
    ...specFields(t),
  }),
  payload: payloadOf('createDeployment', 'The deployment; null in a dry run.'),
  run: (core, viewer, input) => createDeployment(core, viewer, input),
});

const deploymentTarget = (t: InputFields) => ({
  deploymentId: t.id({ required: true, description: 'The id of the deployment: `deployment-` and 12 hex digits.' }),
  domainId: t.id({ description: domainIdDescription.target }),
});

inputMutation('updateDeployment', {
  description:
    'Changes what a deployment asks for. A change of version is a rollout; the rollout to the version before goes back, where that version is asked for again, and otherwise ends where it is. A version that is given again is tried again after a rollout that was halted.',
  inputDescription:
    'The deployment to change, and the fields to set. A field that is left out stays; null clears it where it may be none.',
  fields: (t) => ({
    ...deploymentTarget(t),
    version: t.string({ description: 'The version of the software. Null: as it is.' }),
    mode: t.field({
      type: DeploymentMode,
      description: 'Whether all supervisors that match have it, or a number of them. Null: as it is.',
    }),
    ...specFields(t),
  }),
  payload: payloadOf('updateDeployment', 'The deployment; in a dry run as it would be.'),
  run: (core, viewer, input) => updateDeployment(core, viewer, input),
});

inputMutation('deleteDeployment', {
  description: 'Deletes a deployment, and withdraws its plugins or leaves them as one-off installs.',
  inputDescription: 'The deployment to delete.',
  fields: (t) => ({
    ...deploymentTarget(t),
    orphan: t.boolean({
      defaultValue: false,
      description: 'Whether its plugins stay, as one-off installs.',
    }),
    dryRun: t.boolean({
      defaultValue: false,
      description: 'Whether only to answer what the deletion would do, and to delete nothing.',
    }),
  }),
  payload: payloadOf('deleteDeployment', 'The deployment as it is, in a dry run; null once it is deleted.'),
  run: (core, viewer, input) => deleteDeployment(core, viewer, input),
});
