import graphqlPlugin from '@graphql-eslint/eslint-plugin';
import type { Linter } from 'eslint';

/** The rules of the schema: both presets of graphql-eslint, and the exceptions from them, each with its reason. */
export const lintRules: Linter.RulesRecord = {
  ...graphqlPlugin.configs['flat/schema-recommended'].rules,
  ...graphqlPlugin.configs['flat/schema-relay'].rules,
  // Only types that implement Node have an id: a cache would take another for an object. These are values,
  // which belong to the object, or to the answer, that they are in.
  '@graphql-eslint/strict-id-in-types': [
    'error',
    {
      exceptions: {
        suffixes: ['Payload', 'Connection', 'Edge', 'Stat', 'StateChange', 'WatchEvent', 'Condition'],
        types: [
          'Assignment',
          'AssignmentsChange',
          // A domain and a hostname name it.
          'BlockedHostname',
          'BulkItem',
          'ConsideredSupervisor',
          'DeploymentChanged',
          'DeploymentStatus',
          'Drain',
          'DrainItem',
          'Enrollment',
          // A release's spec, and its parts.
          'EnvironmentVariable',
          'HealthCheck',
          'PageInfo',
          'RejectedPluginReport',
          'ReleasePort',
          'ReleaseResources',
          'ReleaseSpec',
          'RolloutCanary',
          'RolloutChanged',
          'RolloutSettings',
          'RolloutSettingsCanary',
          // A rollout and a supervisor name it.
          'RolloutStep',
          'ServerInfo',
          'ServerSetting',
          'Viewer',
        ],
      },
    },
  ],
  '@graphql-eslint/relay-edge-types': [
    'error',
    {
      withEdgeSuffix: true,
      // `nodes` beside `edges`, and lists with a bound (contract.test.ts names each).
      listTypeCanWrapOnlyEdgeType: false,
      // A page may be of values, too: steps, considered supervisors, plugins that a drain has left.
      shouldImplementNode: false,
    },
  ],
};

/** Findings of rules that take no exceptions, each with the reason why it stands. */
export const standing: Readonly<Record<string, string>> = {
  'Field "pluginId" starts with the name of the parent type "Plugin"':
    'The reference API calls the software so; the id of the object is `id`.',
};
