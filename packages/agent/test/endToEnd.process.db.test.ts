import { openReflectionClient } from '@muster/server/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { samplePlugin } from '../src/demo/workshop/samplePlugins.ts';
import { openWorkshop, type Workshop, type WorkshopAgent } from '../src/demo/workshop/workshop.ts';
import { type ControlPlane, startControlPlane } from '../testing/controlPlane.ts';

/*
 * All from nothing, and all of it real: the server is a process, agents are processes, and plugins are. After each step
 * the machine's own list of processes must show the plugins that the deployment says, and no others.
 */

const domainId = 'acme';
const pluginId = 'plugin-sample';
const name = 'sample-everywhere';
// Times in which a busy machine stands still are excused, so a deadline of seconds may last minutes there (L5).
const polled = { interval: 100, timeout: 250_000 };
const longest = { timeout: 900_000 };

let workshop: Workshop;
let server: ControlPlane;
let enrollmentKey: string;

beforeAll(async () => {
  workshop = await openWorkshop();
  server = await startControlPlane();
  const key = { domainId, name: 'edge', maxNewcomers: 3, labels: { site: 'edge' }, registers: true };
  enrollmentKey = (await server.change<{ token: string }>('createEnrollmentKey', key, 'token')).token;
});

afterAll(async () => {
  await workshop?.close();
  await server?.remove();
});

test('M7, C3, G4 to G8: what runs is what the deployment says, whatever is killed meanwhile', longest, async () => {
  const [one, two, three] = [await createAgent('one'), await createAgent('two'), await createAgent('three')];
  await Promise.all([one.start(), two.start()]);
  await publishRelease('1.0.0');
  const wish = { domainId, name, pluginId, version: '1.0.0', labels: { site: 'edge' }, mode: 'ALL' };
  const made = await server.change<{ deployment: { id: string } }>('createDeployment', wish, 'deployment { id }');
  const deploymentId = made.deployment.id;
  const upgrade = (version: string, rolloutSettings: Record<string, unknown>) =>
    server.change('updateDeployment', { domainId, deploymentId, version, rolloutSettings }, 'deployment { id }');
  await expectAll('1.0.0', one, two);
  expect(await answerOf(one)).toMatchObject({ version: '1.0.0', process_id: await processOf(one) });

  // A plugin is killed.
  const first = await killPlugin(one);
  await expectAll('1.0.0', one, two);

  // An agent is killed, and the server; meanwhile the other agent's plugin is.
  await Promise.all([one.kill(), server.kill()]);
  const second = await killPlugin(two);
  await one.start();
  await server.restart();
  await expectPublished(one, two);
  await expectAll('1.0.0', one, two);
  expect(await processesOf(one, two)).toEqual([first, second]);

  // A third agent joins.
  await three.start();
  await expectAll('1.0.0', one, two, three);
  const before = await processesOf(one, two, three);

  // A version that fails: its canary goes back, while all agents and the server are killed.
  await publishRelease('2.0.0', '--fail-after', '0');
  await upgrade('2.0.0', { canary: { count: 1 }, minHealthySeconds: 1, healthyDeadlineSeconds: 20 });
  await expect.poll(async () => (await rollout()).steps, polled).toContain('INSTALLING');
  await Promise.all([one.kill(), two.kill(), three.kill(), server.kill()]);
  await Promise.all([one.start(), two.start(), three.start(), server.restart()]);
  await expect.poll(async () => (await rollout()).state, polled).toBe('ROLLED_BACK');
  await expectPublished(one, two, three);
  // The version that failed is withdrawn as the canary goes back, and ends soon after.
  await expect.poll(() => versionsOf(one, two, three), polled).toEqual([['1.0.0'], ['1.0.0'], ['1.0.0']]);
  expect(await processesOf(one, two, three)).toEqual(before);

  // A version that does well, while an agent and the server are killed.
  await publishRelease('3.0.0');
  const canary = { count: 1, autoPromoteSeconds: 1 };
  await upgrade('3.0.0', { canary, minHealthySeconds: 1, healthyDeadlineSeconds: 200 });
  await expect.poll(async () => (await versionsOf(one, two, three)).flat(), polled).toContain('3.0.0');
  await Promise.all([two.kill(), server.kill()]);
  await Promise.all([two.start(), server.restart()]);
  await expectAll('3.0.0', one, two, three);

  // A drain, and its end.
  const drained = { domainId, supervisorId: await supervisorIdOf(two) };
  await server.change('drainSupervisor', drained, 'supervisor { id }');
  await expect.poll(() => versionsOf(one, two, three), polled).toEqual([['3.0.0'], [], ['3.0.0']]);
  await server.change('undrainSupervisor', drained, 'supervisor { id }');
  await expectAll('3.0.0', one, two, three);

  // The end of the deployment.
  await server.change('deleteDeployment', { domainId, deploymentId }, 'placementCount');
  await expect.poll(() => versionsOf(one, two, three), polled).toEqual([[], [], []]);
});

const createAgent = (hostname: string): Promise<WorkshopAgent> =>
  workshop.createAgent({
    url: server.url,
    credential: { kind: 'enrollmentKey', text: enrollmentKey },
    hostname,
    pluginIds: [],
  });

function publishRelease(version: string, ...words: string[]): Promise<unknown> {
  const spec = {
    command: [samplePlugin],
    arguments: words,
    environment: [],
    ports: [{ name: 'grpc', port: 50_051, scheme: 'grpc' }],
    health: { kind: 'GRPC', intervalSeconds: 1 },
    resources: {},
    stopTimeoutSeconds: 30,
  };
  return server.change('publishRelease', { domainId, pluginId, version, spec }, 'release { id }');
}

interface DeploymentView {
  status: { desired: number; active: number; updating: number; failed: number };
  rollout: { state: string; steps: { nodes: { state: string }[] } } | null;
}

async function deployment(): Promise<DeploymentView> {
  const { deployment: found } = await server.ask<{ deployment: DeploymentView | null }>(
    `query ($domainId: ID!, $name: String!) {
      deployment(domainId: $domainId, name: $name) {
        status { desired active updating failed }
        rollout { state steps { nodes { state } } }
      }
    }`,
    { domainId, name },
  );
  if (!found) throw new Error(`expected a deployment ${name}; got none`);
  return found;
}

/** The state of the deployment's last rollout, and those of its steps. */
async function rollout(): Promise<{ state: string | undefined; steps: string[] }> {
  const last = (await deployment()).rollout;
  return { state: last?.state, steps: last?.steps.nodes.map(({ state }) => state) ?? [] };
}

/** The versions that run for each agent, by `ps`. */
const versionsOf = (...agents: WorkshopAgent[]): Promise<string[][]> =>
  Promise.all(agents.map(async (agent) => (await agent.plugins()).map(({ version }) => version)));

/** The one process that runs for an agent, by `ps`. */
async function processOf(agent: WorkshopAgent): Promise<number> {
  const [plugin, ...others] = await agent.plugins();
  expect(others, `further plugins of ${agent.hostname}`).toEqual([]);
  if (!plugin) throw new Error(`expected a plugin of ${agent.hostname}; got none`);
  return plugin.pid;
}

const processesOf = (...agents: WorkshopAgent[]) => Promise.all(agents.map(processOf));

/** Waits until each agent runs the version, once and alone, and the deployment counts that. */
async function expectAll(version: string, ...agents: WorkshopAgent[]): Promise<void> {
  const expected = agents.map(() => [version]);
  await expect.poll(() => versionsOf(...agents), polled).toEqual(expected);
  const whole = { desired: agents.length, active: agents.length, updating: 0, failed: 0 };
  await expect.poll(async () => (await deployment()).status, polled).toEqual(whole);
  expect(await versionsOf(...agents)).toEqual(expected);
}

/** Kills the plugin of an agent, and waits until another process is in its place; returns its id. */
async function killPlugin(agent: WorkshopAgent): Promise<number> {
  const before = await processOf(agent);
  process.kill(before, 'SIGKILL');
  const others = async () => (await agent.plugins()).filter(({ pid }) => pid !== before);
  await expect.poll(others, polled).toHaveLength(1);
  return processOf(agent);
}

const readSupervisors = async () =>
  (
    await server.ask<{ supervisors: { nodes: { id: string; hostname: string; lastSeenAt: string }[] } }>(
      'query ($domainId: ID!) { supervisors(domainId: $domainId) { nodes { id hostname lastSeenAt } } }',
      { domainId },
    )
  ).supervisors.nodes;

/** Waits until each agent has published once more. */
async function expectPublished(...agents: WorkshopAgent[]): Promise<void> {
  const since = Date.now();
  const seen = async () =>
    (await readSupervisors())
      .filter(({ lastSeenAt }) => Date.parse(lastSeenAt) > since)
      .map(({ hostname }) => hostname);
  await expect.poll(seen, polled).toEqual(expect.arrayContaining(agents.map(({ hostname }) => hostname)));
}

async function supervisorIdOf({ hostname }: WorkshopAgent): Promise<string | undefined> {
  return (await readSupervisors()).find((each) => each.hostname === hostname)?.id;
}

/** The answer of the plugin at the endpoint that the server hands out. */
async function answerOf({ hostname }: WorkshopAgent): Promise<Record<string, unknown>> {
  const { plugins } = await server.ask<{ plugins: { nodes: { supervisorName: string; endpoint: string }[] } }>(
    'query ($domainId: ID!) { plugins(domainId: $domainId) { nodes { supervisorName endpoint } } }',
    { domainId },
  );
  const endpoint = plugins.nodes.find(({ supervisorName }) => supervisorName === hostname)?.endpoint ?? '';
  const caller = await openReflectionClient(endpoint.replace('grpc://', ''));
  try {
    return await caller.call('muster.sample.v1.Collector', 'verify');
  } finally {
    caller.close();
  }
}
