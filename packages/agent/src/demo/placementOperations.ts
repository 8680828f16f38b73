import type { JsonObject, PluginState } from '../contract.ts';
import { operation } from '../graphqlClient.ts';

/** Installs a plugin on the supervisor that fits best. */
export const installOperation = operation<
  { installPlugin: { plugin: { state: PluginState; supervisorName: string; supervisorId: string } } },
  { input: { domainId: string; pluginId: string; version: string; labels: JsonObject } }
>(`
  mutation Install($input: InstallPluginInput!) {
    installPlugin(input: $input) { plugin { state supervisorName supervisorId } }
  }
`);

/** Installs a plugin on each supervisor that a filter accepts. */
export const installEverywhereOperation = operation<
  { installPlugins: { items: readonly { outcome: string }[] } },
  { input: { domainId: string; pluginId: string; version: string; filter: { labels: { contains: JsonObject } } } }
>('mutation InstallEverywhere($input: InstallPluginsInput!) { installPlugins(input: $input) { items { outcome } } }');

/** Reads where a plugin is. */
export const placesOperation = operation<
  { plugins: { nodes: readonly { version: string; state: PluginState; supervisorName: string }[] } },
  { domainId: string; pluginId: string }
>(`
  query Places($domainId: ID!, $pluginId: String!) {
    plugins(domainId: $domainId, filter: { pluginId: { eq: $pluginId } }) { nodes { version state supervisorName } }
  }
`);

/** An upgrade, as its operator asks for it. */
export interface Upgrade {
  domainId: string;
  pluginId: string;
  from: string;
  to: string;
  labels: JsonObject;
  minHealthySeconds: number;
  healthyDeadlineSeconds: number;
  canary?: { count: number };
}

/** Begins a rollout. */
export const upgradeOperation = operation<
  { upgradePlugin: { rollout: { id: string; state: string } } },
  { input: Upgrade }
>('mutation Upgrade($input: UpgradePluginInput!) { upgradePlugin(input: $input) { rollout { id state } } }');

/** Reads a rollout's state, and those of its steps, of which the demo has no more than a page. */
export const rolloutOperation = operation<
  { rollout: { state: string; steps: { nodes: readonly { state: string }[] } } | null },
  { id: string }
>('query Rollout($id: ID!) { rollout(id: $id) { state steps(first: 100) { nodes { state } } } }');

/** Lets a rollout go on after its canary. */
export const promoteOperation = operation<
  { promoteRollout: { rollout: { state: string } } },
  { input: { domainId: string; rolloutId: string } }
>('mutation Promote($input: PromoteRolloutInput!) { promoteRollout(input: $input) { rollout { state } } }');

/** Drains a supervisor. */
export const drainOperation = operation<
  { drainSupervisor: { supervisor: { drain: { state: string } | null } } },
  { input: { domainId: string; supervisorId: string } }
>(
  'mutation Drain($input: DrainSupervisorInput!) { drainSupervisor(input: $input) { supervisor { drain { state } } } }',
);

/** Reads how far a drain is. */
export const drainedOperation = operation<{ supervisor: { drain: { state: string } | null } | null }, { id: string }>(
  'query Drained($id: ID!) { supervisor(id: $id) { drain { state } } }',
);
