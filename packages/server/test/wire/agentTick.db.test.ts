import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Answer,
  createAgent,
  type Fleet,
  fleetOf,
  openReflectionClient,
  type ReflectionClient,
  startTestServer,
  useTestServer,
} from '../../testing/index.ts';

const supervisors = 'spaceone.api.plugin.v1.Supervisor';
const plugins = 'spaceone.api.plugin.v1.Plugin';

const server = useTestServer({ env: { MUSTER_SWEEP_INTERVAL_MS: '100' } });
let grpc: ReflectionClient;
let domain_id: string;
let domains = 0;
let fleet: Fleet;

beforeAll(async () => {
  grpc = await openReflectionClient(server.grpcAddress);
});
afterAll(async () => {
  grpc.close();
});
beforeEach(() => {
  domains += 1;
  domain_id = `ticks-${domains}`;
  fleet = fleetOf(server.url, domain_id);
});

const call = (method: string, request: object) => grpc.call(supervisors, method, { domain_id, ...request });
const agentOf = (more: Partial<Parameters<typeof createAgent>[0]> = {}) =>
  createAgent({ client: grpc, domainId: domain_id, hostname: 'a', ...more });

/** The one supervisor of the domain. */
async function supervisor(): Promise<Answer> {
  const [found] = (await call('list', {})).results as Answer[];
  if (!found) throw new Error('there is no supervisor yet');
  return found;
}

/** A plugin as consoles see it, which is not as its agent is shown it. */
async function plugin(plugin_id = 'collector'): Promise<Answer | undefined> {
  const [found] = (await call('list_plugins', { plugin_id })).results as Answer[];
  return found;
}

const install = (pluginId = 'collector', more: object = {}) =>
  fleet.ask('mutation ($input: InstallPluginInput!) { installPlugin(input: $input) { plugin { state generation } } }', {
    input: { domainId: domain_id, pluginId, version: '1.0', ...more },
  });

async function recover(): Promise<void> {
  const { supervisor_id } = await supervisor();
  await call('recover_plugin', { supervisor_id, plugin_id: 'collector', version: '1.0' });
}

/** An agent whose supervisor is registered, with `collector 1.0` ACTIVE. */
async function agentWithCollector(more: Partial<Parameters<typeof createAgent>[0]> = {}) {
  const agent = agentOf(more);
  await agent.tick();
  await call('register', { supervisor_id: (await supervisor()).supervisor_id });
  await install();
  await agent.tick();
  return agent;
}

/** Has a time of the domain's plugins, which lies ahead, be long past. */
const pass = (column: 'deadline_at' | 'next_attempt_at') =>
  server.db.sql.query(
    `UPDATE plugins SET ${column} = ${column} - interval '1 day' WHERE domain_id = $1 AND ${column} IS NOT NULL`,
    [domain_id],
  );

/** Has the time since the agent last published be long. */
const fallSilent = () =>
  server.db.sql.query(
    `UPDATE leases SET unpublished_since = unpublished_since - interval '1 day'
     WHERE supervisor_id IN (SELECT id FROM supervisors WHERE domain_id = $1)`,
    [domain_id],
  );

test('a hostname that nobody knows lists OK and empty, and its agent publishes and is PENDING', async () => {
  const agent = agentOf();
  expect(await agent.tick()).toMatchObject({ listed: {}, published: true });
  expect(await supervisor()).toMatchObject({ hostname: 'a', state: 'PENDING' });
});

test('once registered, an agent installs what it is given, and it is ACTIVE where the agent says it answers', async () => {
  const agent = agentOf();
  await agent.tick();
  await call('register', { supervisor_id: (await supervisor()).supervisor_id });
  await install();
  expect(await agent.tick()).toEqual({
    listed: { 'collector 1.0': 'PROVISIONING' },
    asked: 1,
    installed: ['collector 1.0'],
    reinstalled: [],
    deleted: [],
    published: true,
  });
  expect(await plugin()).toMatchObject({ state: 'ACTIVE', managed: true, observed_generation: 1 });
  const endpoint = { plugin_id: 'collector', version: '1.0', domain_id };
  expect(await grpc.call(plugins, 'get_plugin_endpoint', endpoint)).toMatchObject({
    endpoint: agent.running.get('collector 1.0'),
  });
  expect(await agent.tick()).toMatchObject({ listed: { 'collector 1.0': 'ACTIVE' }, installed: [], reinstalled: [] });
});

test('what is uninstalled is deleted, and gone once the agent has published without it (P4)', async () => {
  const agent = await agentWithCollector();
  await fleet.ask('mutation ($input: UninstallPluginInput!) { uninstallPlugin(input: $input) { plugins { id } } }', {
    input: { domainId: domain_id, pluginId: 'collector', version: '1.0' },
  });
  expect(await agent.tick()).toMatchObject({ listed: {}, deleted: ['collector 1.0'], published: true });
  expect(await plugin()).toBeUndefined();
});

test("another domain's plugin on a public supervisor is listed with the domain that asked for it", async () => {
  const agent = await agentWithCollector();
  const { supervisor_id } = await supervisor();
  await call('update', { supervisor_id, is_public: true });
  await install('guest', { domainId: `${domain_id}-guest`, supervisorId: supervisor_id });
  expect(await agent.tick()).toMatchObject({ installed: ['guest 1.0'] });
  const { results } = await call('list_plugins', { hostname: 'a' });
  expect(results).toMatchObject([{ domain_id }, { domain_id: `${domain_id}-guest` }]);
});

describe('a recover', () => {
  test('reaches an agent once, and counts as done with the report that follows that list (P3)', async () => {
    const agent = await agentWithCollector();
    const before = agent.running.get('collector 1.0');
    await recover();
    expect(await agent.tick()).toMatchObject({
      listed: { 'collector 1.0': 'RE_PROVISIONING' },
      reinstalled: ['collector 1.0'],
      installed: [],
    });
    const endpoint = agent.running.get('collector 1.0');
    expect(endpoint).not.toBe(before);
    expect(await plugin()).toMatchObject({ state: 'ACTIVE', generation: 2, observed_generation: 2, endpoint });
    expect(await agent.tick()).toMatchObject({ listed: { 'collector 1.0': 'ACTIVE' }, reinstalled: [] });
  });

  test('that comes between a list and its publish is not undone by that publish (P3)', async () => {
    let interrupts = false;
    const onPublish = async () => {
      if (interrupts) await recover();
      interrupts = false;
    };
    const agent = await agentWithCollector({ onPublish });
    interrupts = true;
    expect(await agent.tick()).toMatchObject({ reinstalled: [], published: true });
    expect(await plugin()).toMatchObject({ state: 'RE_PROVISIONING', generation: 2, observed_generation: 1 });
    expect(await agent.tick()).toMatchObject({ reinstalled: ['collector 1.0'] });
    expect(await plugin()).toMatchObject({ state: 'ACTIVE', observed_generation: 2 });
  });
});

describe('an agent whose plugin does not come up', () => {
  test('is shown ERROR by deadline as PROVISIONING, and RE_PROVISIONING once an attempt (P5)', async () => {
    const fails = new Set<string>();
    const onInstall = async ({ plugin_id }: { plugin_id: string }) => {
      if (fails.has(plugin_id)) throw new Error('no disk');
    };
    const agent = await agentWithCollector({ onInstall });
    fails.add('collector');
    await recover();
    expect(await agent.tick()).toMatchObject({ listed: { 'collector 1.0': 'RE_PROVISIONING' }, published: false });
    expect(await agent.tick()).toMatchObject({ listed: { 'collector 1.0': 'PROVISIONING' }, published: false });
    await pass('deadline_at');
    await expect.poll(async () => (await plugin())?.state).toBe('ERROR');
    expect(await plugin()).toMatchObject({ reason: 'DEADLINE_EXCEEDED', generation: 2 });
    expect(await agent.tick()).toMatchObject({ listed: { 'collector 1.0': 'PROVISIONING' } });
    await pass('next_attempt_at');
    await expect.poll(async () => (await plugin())?.generation).toBe(3);
    fails.clear();
    expect(await agent.tick()).toMatchObject({
      listed: { 'collector 1.0': 'RE_PROVISIONING' },
      reinstalled: ['collector 1.0'],
      published: true,
    });
    expect(await plugin()).toMatchObject({ state: 'ACTIVE', generation: 3, observed_generation: 3 });
  });

  test('and that reports it as ERROR reinstalls it once an attempt, and never while it waits or is given up (P5)', async () => {
    let state: 'ACTIVE' | 'ERROR' = 'ACTIVE';
    const agent = await agentWithCollector({ stateOf: () => state });
    state = 'ERROR';
    await agent.tick();
    expect(await plugin()).toMatchObject({ state: 'ERROR', reason: 'REPORTED', generation: 1 });
    const quiet = { listed: { 'collector 1.0': 'PROVISIONING' }, installed: [], reinstalled: [], published: true };
    const expectQuiet = async () => {
      for (let ticks = 0; ticks < 5; ticks++) expect(await agent.tick()).toMatchObject(quiet);
    };
    await expectQuiet();
    for (let attempt = 2; attempt <= 10; attempt++) {
      await pass('next_attempt_at');
      await expect.poll(async () => (await plugin())?.generation).toBe(attempt);
      const tick = { listed: { 'collector 1.0': 'RE_PROVISIONING' }, reinstalled: ['collector 1.0'], published: true };
      expect(await agent.tick()).toMatchObject(tick);
      expect(await plugin()).toMatchObject({ state: 'ERROR', reason: 'REPORTED', observed_generation: attempt });
      await expectQuiet();
    }
    // The budget is spent.
    await pass('next_attempt_at');
    await expectQuiet();
    expect(await plugin()).toMatchObject({ state: 'ERROR', generation: 10 });
    state = 'ACTIVE';
    await recover();
    expect(await agent.tick()).toMatchObject({ reinstalled: ['collector 1.0'] });
    expect(await plugin()).toMatchObject({ state: 'ACTIVE', generation: 11 });
  });

  test('lists and never publishes: it is alive, its newest plugin is withheld with a condition, and all else goes on', async () => {
    const fails = new Set(['broken']);
    const onInstall = async ({ plugin_id }: { plugin_id: string }) => {
      if (fails.has(plugin_id)) throw new Error('no such image');
    };
    const agent = await agentWithCollector({ onInstall });
    const endpoint = agent.running.get('collector 1.0');
    await install('broken');
    for (let ticks = 0; ticks < 3; ticks++) {
      expect(await agent.tick()).toMatchObject({ listed: { 'broken 1.0': 'PROVISIONING' }, published: false });
    }
    expect(await conditions()).toEqual([]);
    await fallSilent();
    expect(await agent.tick()).toMatchObject({ listed: { 'collector 1.0': 'ACTIVE' }, deleted: [], published: true });
    expect(agent.running.get('collector 1.0')).toBe(endpoint);
    expect(await conditions()).toMatchObject([
      { type: 'AGENT_SILENT', message: expect.stringContaining('broken 1.0') },
    ]);
    expect(await supervisor()).toMatchObject({ state: 'ENABLED' });
    await pass('deadline_at');
    await expect.poll(async () => (await plugin('broken'))?.state).toBe('ERROR');
    await pass('next_attempt_at');
    await expect.poll(async () => (await plugin('broken'))?.state).toBe('RE_PROVISIONING');
    fails.clear();
    expect(await agent.tick()).toMatchObject({ reinstalled: ['broken 1.0'], published: true });
    expect(await plugin('broken')).toMatchObject({ state: 'ACTIVE' });
    expect(await conditions()).toEqual([]);
  });

  async function conditions(): Promise<unknown[]> {
    const { supervisor_id } = await supervisor();
    const data = await fleet.ask<{ supervisor: { conditions: unknown[] } }>(
      'query ($id: ID!) { supervisor(id: $id) { conditions { type message } } }',
      { id: supervisor_id },
    );
    return data.supervisor.conditions;
  }
});

describe('a list in doubt is an error and never an empty one: the agent keeps what it runs, and publishes nothing', () => {
  test('where a statement fails', async () => {
    const agent = await agentWithCollector();
    await server.db.sql.query('ALTER TABLE plugins RENAME TO plugins_away');
    try {
      expect(await agent.tick()).toMatchObject({ listed: null, deleted: [], published: false });
    } finally {
      await server.db.sql.query('ALTER TABLE plugins_away RENAME TO plugins');
    }
    expect([...agent.running.keys()]).toEqual(['collector 1.0']);
    expect(await agent.tick()).toMatchObject({ listed: { 'collector 1.0': 'ACTIVE' }, published: true });
  });

  test('where there is no database at all', async () => {
    const doomed = await startTestServer();
    const client = await openReflectionClient(doomed.grpcAddress);
    try {
      const agent = agentOf({ client });
      expect(await agent.tick()).toMatchObject({ listed: {}, published: true });
      await doomed.db.close();
      expect(await agent.tick()).toMatchObject({ listed: null, published: false });
    } finally {
      client.close();
      await doomed.stop().catch(() => {});
    }
  });
});
