import {
  InstallPluginsDocument,
  PlacesOfDocument,
  PromoteRolloutDocument,
  UpgradePluginDocument,
  type UpgradePluginInput,
} from '@muster/client';
import { brokenVersion } from './depot.ts';
import { type Scene, untilRollout } from './scene.ts';

const pluginId = 'plugin-canary';

/** Plays two upgrades of a plugin on all supervisors of the scene: one canary is promoted, the other is rolled back. */
export async function playCanaryScene(scene: Scene): Promise<void> {
  const { client, domainId, labels, healthOf, signal, tell, until } = scene;
  const install = { domainId, pluginId, version: '1.0.0', filter: { labels: { contains: labels } } };
  const { items } = (await client.mutate(InstallPluginsDocument, { input: install }, signal)).installPlugins;
  tell(`installs ${pluginId} 1.0.0 everywhere`, `${items.length} supervisors`);
  const areUp = async () => {
    const { plugins } = await client.query(PlacesOfDocument, { domainId, pluginId }, signal);
    const up = (plugins?.nodes ?? []).filter(({ state }) => state === 'ACTIVE');
    return up.length === items.length ? `${up.length} ACTIVE` : undefined;
  };
  tell(`waits for ${pluginId} 1.0.0`, await until(areUp));

  const begin = async (from: string, to: string): Promise<string> => {
    const input: UpgradePluginInput = { domainId, pluginId, from, to, labels, canary: { count: 1 }, ...healthOf(to) };
    const { rollout } = (await client.mutate(UpgradePluginDocument, { input }, signal)).upgradePlugin;
    tell(`upgrades ${pluginId} to ${to}, with one canary`, rollout.state);
    return rollout.id;
  };

  const good = await begin('1.0.0', '1.1.0');
  tell(`watches the canary of ${pluginId} 1.1.0`, await untilRollout(scene, good, 'AWAITING_PROMOTION'));
  const promotion = { domainId, rolloutId: good };
  const { promoteRollout } = await client.mutate(PromoteRolloutDocument, { input: promotion }, signal);
  tell(`promotes ${pluginId} 1.1.0`, promoteRollout.rollout.state);
  tell(`watches the others of ${pluginId} 1.1.0`, await untilRollout(scene, good, 'COMPLETED'));

  const broken = await begin('1.1.0', brokenVersion);
  tell(`watches the canary of ${pluginId} ${brokenVersion}`, await untilRollout(scene, broken, 'ROLLED_BACK'));
}
