import { setTimeout as sleep } from 'node:timers/promises';
import type { PluginState } from '../contract.ts';
import { type GraphqlClient, operation } from '../graphqlClient.ts';
import { RequestError } from '../requestError.ts';
import { brokenVersion, createDepot } from './depot.ts';
import type { Narrate } from './narrator.ts';
import { deregisterOperation, registerOperation } from './operations.ts';

/** Where the scene plays, and how fast. */
export interface PlacementSceneOptions {
  client: GraphqlClient;
  narrate: Narrate;
  /** Pause between two looks, so that a viewer sees each step. */
  tickMs: number;
  signal: AbortSignal;
}

const domainId = 'acme';
const pluginId = 'plugin-showcase';
const version = '1.0.0';
const labels = { scene: 'placement' };
/** Maximum wait for a state in milliseconds; afterwards the scene goes on without it. */
const longestWaitMs = 60_000;
/** The health that the scene's upgrades ask for: a viewer should not wait long for a failure. */
const health = { minHealthySeconds: 1, healthyDeadlineSeconds: 3 };

/**
 * Plays placement on two supervisors that follow their assignments: an install that becomes ACTIVE, an upgrade that is
 * rolled back, and a drain. Deregisters the supervisors afterwards. An unreachable server ends the scene early.
 */
export async function playPlacementScene({ client, narrate, tickMs, signal }: PlacementSceneOptions): Promise<void> {
  const tell = (what: string, result: string) => narrate({ domain: domainId, actor: 'operator', what, result });
  const ending = new AbortController();
  const followed = AbortSignal.any([signal, ending.signal]);
  const depots = ['depot-east', 'depot-west'].map((name) => createDepot({ client, domainId, name, narrate }));
  const following: Promise<void>[] = [];

  /** Looks until `look` finds a result, and returns that. */
  async function until(look: () => Promise<string | undefined>): Promise<string> {
    const endMs = performance.now() + longestWaitMs;
    while (performance.now() < endMs) {
      await sleep(tickMs, undefined, { signal });
      const found = await look();
      if (found !== undefined) return found;
    }
    return 'nothing yet';
  }

  try {
    const ids: string[] = [];
    for (const depot of depots) {
      const { supervisorId, state } = await depot.join();
      const input = { supervisorId, domainId, isPublic: false, priority: 0, labels, tags: {} };
      if (state === 'PENDING') await client.request(registerOperation, { input }, signal);
      ids.push(supervisorId);
      following.push(depot.follow(followed));
    }
    const { installPlugin } = await client.request(
      installOperation,
      { input: { domainId, pluginId, version, labels } },
      signal,
    );
    tell(`installs ${pluginId} ${version} wherever it fits best`, installPlugin.plugin.state);
    const home = installPlugin.plugin.supervisorId;
    const isUp = async () => {
      const { plugins } = await client.request(wantedOperation, { domainId, pluginId }, signal);
      return plugins.nodes.some(({ state }) => state === 'ACTIVE') ? 'ACTIVE' : undefined;
    };
    tell(`waits for ${pluginId} ${version}`, await until(isUp));

    const upgrade = { domainId, pluginId, from: version, to: brokenVersion, labels, ...health };
    const { rollout } = (await client.request(upgradeOperation, { input: upgrade }, signal)).upgradePlugin;
    tell(`upgrades ${pluginId} to ${brokenVersion}`, rollout.state);
    const isBack = async () => {
      const { rollout: now } = await client.request(rolloutOperation, { id: rollout.id }, signal);
      return now?.state === 'ROLLED_BACK' ? now.state : undefined;
    };
    tell(`watches the upgrade of ${pluginId}`, await until(isBack));

    const target = { supervisorId: home, domainId };
    const { supervisor } = (await client.request(drainOperation, { input: target }, signal)).drainSupervisor;
    tell(`drains the supervisor of ${pluginId}`, supervisor.drain?.state ?? 'none');
    const isDrained = async () => {
      const { supervisor: now } = await client.request(drainedOperation, { id: home }, signal);
      return now?.drain?.state === 'DRAINING' ? undefined : now?.drain?.state;
    };
    tell(`watches the drain`, await until(isDrained));

    for (const supervisorId of ids) {
      const input = { supervisorId, domainId, force: true };
      await client.request(deregisterOperation, { input }, signal);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof RequestError)) throw error;
    tell('ends the scene about placement early', `${error.code}: ${error.message}`);
  } finally {
    ending.abort();
    await Promise.all(following);
  }
}

const installOperation = operation<
  { installPlugin: { plugin: { state: PluginState; supervisorId: string } } },
  { input: object }
>('mutation Install($input: InstallPluginInput!) { installPlugin(input: $input) { plugin { state supervisorId } } }');

const wantedOperation = operation<
  { plugins: { nodes: readonly { state: PluginState }[] } },
  { domainId: string; pluginId: string }
>(`
  query Wanted($domainId: ID!, $pluginId: String!) {
    plugins(domainId: $domainId, filter: { pluginId: { eq: $pluginId } }) { nodes { state } }
  }
`);

const upgradeOperation = operation<{ upgradePlugin: { rollout: { id: string; state: string } } }, { input: object }>(
  'mutation Upgrade($input: UpgradePluginInput!) { upgradePlugin(input: $input) { rollout { id state } } }',
);

const rolloutOperation = operation<{ rollout: { state: string } | null }, { id: string }>(
  'query Rollout($id: ID!) { rollout(id: $id) { state } }',
);

const drainOperation = operation<
  { drainSupervisor: { supervisor: { drain: { state: string } | null } } },
  { input: object }
>(
  'mutation Drain($input: DrainSupervisorInput!) { drainSupervisor(input: $input) { supervisor { drain { state } } } }',
);

const drainedOperation = operation<{ supervisor: { drain: { state: string } | null } | null }, { id: string }>(
  'query Drained($id: ID!) { supervisor(id: $id) { drain { state } } }',
);
