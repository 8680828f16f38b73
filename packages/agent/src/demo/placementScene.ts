import {
  DeregisterSupervisorDocument,
  DrainOfDocument,
  DrainSupervisorDocument,
  InstallPluginDocument,
  PlacesOfDocument,
  RegisterSupervisorDocument,
  RequestError,
  UpgradePluginDocument,
} from '@muster/client';
import { playCanaryScene } from './canaryScene.ts';
import { brokenVersion, createDepot } from './depot.ts';
import { createScene, type Scene, type SceneOptions, untilRollout } from './scene.ts';

const pluginId = 'plugin-showcase';
const version = '1.0.0';
/** From the first that placement chooses to the last; the second can't run the plugin. */
const depots = [
  { name: 'depot-east', priority: 2 },
  { name: 'depot-north', priority: 1, failing: pluginId },
  { name: 'depot-west', priority: 0 },
] as const;

/**
 * Plays placement on three supervisors that follow their assignments: an install that becomes ACTIVE, upgrades that are
 * rolled back and promoted, and a drain whose first target fails. Deregisters the supervisors afterwards. An unreachable
 * server ends the scenes early.
 */
export async function playPlacementScene(options: SceneOptions): Promise<void> {
  const scene = createScene(options, { domainId: 'acme', labels: { scene: 'placement' } });
  const { client, domainId, labels, signal } = scene;
  const ending = new AbortController();
  const followed = AbortSignal.any([signal, ending.signal]);
  const following: Promise<void>[] = [];
  try {
    const ids: string[] = [];
    for (const { priority, ...plan } of depots) {
      const depot = createDepot({ client, domainId, narrate: scene.narrate, ...plan });
      const { supervisorId, state } = await depot.join();
      const input = { supervisorId, domainId, isPublic: false, priority, labels, tags: {} };
      if (state === 'PENDING') await client.mutate(RegisterSupervisorDocument, { input }, signal);
      ids.push(supervisorId);
      following.push(depot.follow(followed));
    }
    const home = await playInstall(scene);
    await playUpgrade(scene);
    await playCanaryScene(scene);
    await playDrain(scene, home);
    for (const supervisorId of ids) {
      await client.mutate(DeregisterSupervisorDocument, { input: { supervisorId, domainId, force: true } }, signal);
    }
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof RequestError)) throw error;
    scene.tell('ends the scene about placement early', `${error.code}: ${error.message}`);
  } finally {
    ending.abort();
    await Promise.all(following);
  }
}

/** Returns the id of the supervisor that got the plugin. */
async function playInstall(scene: Scene): Promise<string> {
  const { client, domainId, labels, signal, tell } = scene;
  const input = { domainId, pluginId, version, labels };
  const { plugin } = (await client.mutate(InstallPluginDocument, { input }, signal)).installPlugin;
  tell(`installs ${pluginId} ${version} wherever it fits best`, `${plugin.state} on ${plugin.supervisorName}`);
  tell(`waits for ${pluginId} ${version}`, await untilActive(scene));
  return plugin.supervisorId;
}

async function playUpgrade(scene: Scene): Promise<void> {
  const { client, domainId, labels, healthOf, signal, tell } = scene;
  const input = { domainId, pluginId, from: version, to: brokenVersion, labels, ...healthOf(brokenVersion) };
  const { rollout } = (await client.mutate(UpgradePluginDocument, { input }, signal)).upgradePlugin;
  tell(`upgrades ${pluginId} to ${brokenVersion}`, rollout.state);
  tell(`watches the upgrade of ${pluginId}`, await untilRollout(scene, rollout.id, 'ROLLED_BACK'));
}

async function playDrain(scene: Scene, supervisorId: string): Promise<void> {
  const { client, domainId, signal, tell, until } = scene;
  const { supervisor } = (await client.mutate(DrainSupervisorDocument, { input: { supervisorId, domainId } }, signal))
    .drainSupervisor;
  tell(`drains the supervisor of ${pluginId}`, supervisor.drain?.state ?? 'none');
  const isDrained = async () => {
    const { supervisor: now } = await client.query(DrainOfDocument, { id: supervisorId }, signal);
    return now?.drain?.state === 'DRAINING' ? undefined : now?.drain?.state;
  };
  tell('watches the drain', await until(isDrained));
  tell(`looks for ${pluginId} ${version}`, await untilActive(scene));
}

/** Waits until the plugin is ACTIVE, and tells where. */
function untilActive({ client, domainId, signal, until }: Scene): Promise<string> {
  return until(async () => {
    const { plugins } = await client.query(PlacesOfDocument, { domainId, pluginId }, signal);
    const active = plugins?.nodes.find(({ state }) => state === 'ACTIVE');
    return active && `ACTIVE on ${active.supervisorName}`;
  });
}
