import {
  CreateAgentTokenDocument,
  CreateDeploymentDocument,
  DeleteDeploymentDocument,
  DeploymentOfDocument,
  DeregisterSupervisorDocument,
  DrainOfDocument,
  DrainSupervisorDocument,
  PreregisterSupervisorDocument,
  PublishReleaseDocument,
  RequestError,
  RevokeApiKeyDocument,
  SupervisorsOfDocument,
  UpdateDeploymentDocument,
} from '@muster/client';
import { brokenVersion } from './depot.ts';
import { createScene, type Scene, type SceneOptions, untilRollout } from './scene.ts';
import type { SamplePlugin } from './workshop/samplePlugins.ts';
import { openWorkshop, type Workshop, type WorkshopAgent } from './workshop/workshop.ts';

const pluginId = 'plugin-workshop';
/** The deployment of the scene. */
const name = 'workshops';
const hostnames = ['workshop-east', 'workshop-west'] as const;
const keySeconds = 86_400;

/**
 * Plays a deployment with real agents and real plugins on this machine: an install, a plugin and an agent that are killed, an
 * upgrade that is promoted, one that goes back, and a drain. The ids of processes come from the machine itself. Neither processes nor
 * supervisors stay.
 */
export async function playWorkshopScene(options: SceneOptions): Promise<void> {
  const scene = createScene(options, { domainId: 'globex', labels: { scene: 'workshop' } });
  if (process.platform !== 'linux') return scene.tell('leaves out the real plugins', 'their agent needs Linux');
  const workshop = await openWorkshop();
  const keyIds: string[] = [];
  try {
    await cleanUp(scene, []);
    const agents = await startAgents(scene, workshop, keyIds);
    const deploymentId = await playDeployment(scene, agents);
    await playKills(scene, agents);
    await playUpgrades(scene, agents, deploymentId);
    await playDrain(scene, agents);
    const { client, domainId, signal, tell } = scene;
    await client.mutate(DeleteDeploymentDocument, { input: { domainId, deploymentId } }, signal);
    tell(`deletes the deployment ${name}`, 'its plugins are withdrawn');
    await lookUntil(scene, agents, (plugins) => plugins.length === 0);
  } catch (error) {
    if (options.signal.aborted) return;
    if (!(error instanceof RequestError)) throw error;
    scene.tell('ends the scene about real plugins early', `${error.code}: ${error.message}`);
  } finally {
    // First the agents, which would make their supervisors anew.
    await workshop.close();
    await cleanUp(scene, keyIds).catch((error: unknown) => {
      if (!(error instanceof RequestError)) throw error;
    });
  }
}

/** Registers both supervisors, and starts their agents. */
async function startAgents(scene: Scene, workshop: Workshop, keyIds: string[]): Promise<WorkshopAgent[]> {
  const { client, domainId, labels, signal, tell } = scene;
  const expiresAt = new Date(Date.now() + keySeconds * 1_000).toISOString();
  const agents: WorkshopAgent[] = [];
  for (const hostname of hostnames) {
    const registration = { domainId, hostname, name: hostname, labels };
    await client.mutate(PreregisterSupervisorDocument, { input: registration }, signal);
    const key = (await client.mutate(CreateAgentTokenDocument, { input: { domainId, hostname, expiresAt } }, signal))
      .createAgentToken;
    if (key.apiKey) keyIds.push(key.apiKey.id);
    const credential = { kind: 'token', text: key.token } as const;
    const pluginIds = [pluginId];
    const agent = await workshop.createAgent({ url: client.url, credential, domainId, hostname, pluginIds });
    tell(`starts a real agent for ${hostname}`, `process ${await agent.start()}`);
    agents.push(agent);
  }
  return agents;
}

/** Returns the id of the deployment. */
async function playDeployment(scene: Scene, agents: readonly WorkshopAgent[]): Promise<string> {
  const { client, domainId, labels, signal, tell } = scene;
  await publish(scene, '1.0.0');
  const wish = { domainId, name, pluginId, version: '1.0.0', labels, mode: 'ALL' } as const;
  const { deployment } = (await client.mutate(CreateDeploymentDocument, { input: wish }, signal)).createDeployment;
  tell(`deploys ${pluginId} 1.0.0 on every workshop`, `the deployment ${name}`);
  await lookUntil(scene, agents, isEach('1.0.0'));
  return deployment?.id ?? '';
}

/** Kills a plugin, and then an agent. */
async function playKills(scene: Scene, agents: readonly WorkshopAgent[]): Promise<void> {
  const [agent] = agents;
  const [plugin] = (await agent?.plugins()) ?? [];
  if (!agent || !plugin) return;
  process.kill(plugin.pid, 'SIGKILL');
  scene.tell(`kills process ${plugin.pid}`, 'its agent finds out');
  await lookUntil(scene, agents, (found) => isEach('1.0.0')(found) && found.every(({ pid }) => pid !== plugin.pid));
  await agent.kill();
  scene.tell(`kills the agent of ${agent.hostname}`, 'its plugin goes on');
  await lookUntil(scene, agents, isEach('1.0.0'));
  scene.tell(
    `starts the agent of ${agent.hostname} again`,
    `process ${await agent.start()}, which takes over what runs`,
  );
  await lookUntil(scene, agents, isEach('1.0.0'));
}

/** Upgrades to a version that does well, and to one that fails. */
async function playUpgrades(scene: Scene, agents: readonly WorkshopAgent[], deploymentId: string): Promise<void> {
  const upgrade = async (version: string, state: string) => {
    const { client, domainId, healthOf, signal, tell } = scene;
    const rolloutSettings = { canary: { count: 1, autoPromoteSeconds: 1 }, ...healthOf(version) };
    const change = { domainId, deploymentId, version, rolloutSettings };
    await client.mutate(UpdateDeploymentDocument, { input: change }, signal);
    tell(`deploys ${pluginId} ${version}, with one canary`, 'a rollout begins');
    const begun = await scene.until(async () => {
      const { deployment } = await client.query(DeploymentOfDocument, { domainId, name }, signal);
      return deployment?.rollout?.to === version ? deployment.rollout.id : undefined;
    });
    tell(`watches the rollout of ${pluginId} ${version}`, await untilRollout(scene, begun, state));
  };
  await publish(scene, '1.1.0');
  await upgrade('1.1.0', 'COMPLETED');
  await lookUntil(scene, agents, isEach('1.1.0'));
  await publish(scene, brokenVersion, '--fail-after', '0');
  await upgrade(brokenVersion, 'ROLLED_BACK');
  await lookUntil(scene, agents, isEach('1.1.0'));
}

async function playDrain(scene: Scene, agents: readonly WorkshopAgent[]): Promise<void> {
  const { client, domainId, signal, tell, until } = scene;
  const [supervisor] = await readSupervisors(scene, signal);
  if (!supervisor) return;
  const target = { supervisorId: supervisor.id, domainId };
  await client.mutate(DrainSupervisorDocument, { input: target }, signal);
  tell(`drains ${supervisor.name}`, 'its plugin is withdrawn');
  const isDrained = async () => {
    const { supervisor: now } = await client.query(DrainOfDocument, { id: supervisor.id }, signal);
    return now?.drain?.state === 'DRAINING' ? undefined : now?.drain?.state;
  };
  tell(`watches the drain of ${supervisor.name}`, await until(isDrained));
  await lookUntil(scene, agents, (plugins) => plugins.length === 1);
}

/** Publishes a version of the plugin; where an earlier run did, nothing changes. */
async function publish(scene: Scene, version: string, ...words: string[]): Promise<void> {
  const { client, domainId, signal, tell } = scene;
  const ports = [{ name: 'grpc', port: 50_051, scheme: 'grpc' }];
  // The program is the agents' to know: it lies elsewhere on each machine.
  const spec = { arguments: words, ports, health: { kind: 'GRPC', intervalSeconds: 1 } } as const;
  await client.mutate(PublishReleaseDocument, { input: { domainId, pluginId, version, spec } }, signal);
  tell(`publishes the release ${pluginId} ${version}`, words.join(' '));
}

/** Asks the machine which plugins run until they are as expected, and tells which. */
async function lookUntil(
  { tell, until }: Scene,
  agents: readonly WorkshopAgent[],
  isExpected: (plugins: readonly SamplePlugin[]) => boolean,
): Promise<void> {
  const look = async () => {
    const found = await Promise.all(agents.map(async (agent) => ({ agent, plugins: await agent.plugins() })));
    if (!isExpected(found.flatMap(({ plugins }) => plugins))) return undefined;
    const lines = found.flatMap(({ agent, plugins }) =>
      plugins.map(({ version, pid }) => `${version} on ${agent.hostname} as process ${pid}`),
    );
    return lines.join(', ') || 'nothing';
  };
  tell('looks at what really runs', await until(look));
}

/** Whether each agent has the version, once, and no other. */
const isEach = (version: string) => (plugins: readonly SamplePlugin[]) =>
  plugins.length === hostnames.length && plugins.every((plugin) => plugin.version === version);

async function readSupervisors({ client, domainId }: Scene, signal?: AbortSignal) {
  const { supervisors } = await client.query(SupervisorsOfDocument, { domainId, hostnames }, signal);
  return supervisors?.nodes ?? [];
}

/** Removes what the scene has made, or an earlier one that was killed; also where this one is being stopped. */
async function cleanUp(scene: Scene, keyIds: readonly string[]): Promise<void> {
  const { client, domainId } = scene;
  const { deployment } = await client.query(DeploymentOfDocument, { domainId, name });
  if (deployment) await client.mutate(DeleteDeploymentDocument, { input: { domainId, deploymentId: deployment.id } });
  for (const { id: supervisorId } of await readSupervisors(scene)) {
    await client.mutate(DeregisterSupervisorDocument, { input: { supervisorId, domainId, force: true } });
  }
  for (const apiKeyId of keyIds) await client.mutate(RevokeApiKeyDocument, { input: { apiKeyId, domainId } });
}
