import { expect, test } from 'vitest';
import { useTestApi } from '../testing/testApi.ts';

/** The eleven methods of the reference, one after another on one supervisor, as an operator and its agent use them. */
const api = useTestApi();
let supervisorId: string;

const domainId = 'domain-reference';
const supervisorInfo = 'id name hostname state isPublic domainId tags labels priority';

test('publish: the first makes the supervisor, PENDING, and answers with it, what was rejected, and when to come again', async () => {
  const { publishSupervisor } = await api.ask<{ publishSupervisor: Record<string, unknown> }>(
    `mutation ($input: PublishSupervisorInput!) {
      publishSupervisor(input: $input) {
        supervisor { ${supervisorInfo} connected lastSeenAt registeredAt plugins { nodes { pluginId state endpoint managed } } }
        rejected { index pluginId version code message }
        nextPublishInMs
      }
    }`,
    {
      input: {
        domainId,
        name: 'root',
        hostname: 'host-1',
        secretKey: 'hush',
        tags: { floor: 3 },
        labels: { env: 'prod' },
        bootId: 'boot-1',
        plugins: [
          { pluginId: 'collector', version: '1.0', state: 'ACTIVE', endpoint: 'grpc://10.0.0.1:50051' },
          { pluginId: 'broken', version: '1.0', state: 'NONE' },
          { pluginId: 'webhook', version: '2.0', state: 'PROVISIONING' },
        ],
      },
    },
  );
  expect(publishSupervisor).toEqual({
    supervisor: {
      id: expect.stringMatching(/^supervisor-[0-9a-f]{12}$/),
      name: 'root',
      hostname: 'host-1',
      state: 'PENDING',
      isPublic: false,
      domainId,
      tags: { floor: 3 },
      labels: { env: 'prod' },
      priority: 0,
      connected: true,
      lastSeenAt: expect.stringMatching(/^20\d\d-.*\.\d{3}Z$/),
      registeredAt: null,
      plugins: {
        nodes: [
          { pluginId: 'collector', state: 'ACTIVE', endpoint: 'grpc://10.0.0.1:50051', managed: false },
          { pluginId: 'webhook', state: 'PROVISIONING', endpoint: null, managed: false },
        ],
      },
    },
    rejected: [
      {
        index: 1,
        pluginId: 'broken',
        version: '1.0',
        code: 'BAD_USER_INPUT',
        message: expect.stringContaining('state: expected PROVISIONING'),
      },
    ],
    nextPublishInMs: expect.any(Number),
  });
  supervisorId = (publishSupervisor.supervisor as { id: string }).id;
});

test('publish: with another secret key it is FORBIDDEN (S6)', async () => {
  const query = 'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { nextPublishInMs } }';
  const input = { domainId, name: 'root', hostname: 'host-1' };
  expect(await api.refusal(query, { input })).toEqual({ code: 'FORBIDDEN' });
  expect(await api.refusal(query, { input: { ...input, secretKey: 'guess' } })).toEqual({ code: 'FORBIDDEN' });
  await api.ask(query, { input: { ...input, secretKey: 'hush' } });
});

test('recover_plugin: RECOVER_NOT_SUPPORTED before the supervisor is ENABLED (P2)', async () => {
  expect(await recover('collector')).toEqual({ code: 'RECOVER_NOT_SUPPORTED' });
});

test('register: makes it ENABLED and sets its fields in the same step (S2, S4)', async () => {
  expect(await command('register', { name: 'front', priority: 7, labels: { env: 'dev' }, isPublic: true })).toEqual({
    id: supervisorId,
    name: 'front',
    hostname: 'host-1',
    state: 'ENABLED',
    isPublic: true,
    domainId,
    tags: { floor: 3 },
    labels: { env: 'dev' },
    priority: 7,
  });
  expect(await refusedCommand('register')).toEqual({ code: 'SUPERVISOR_STATE' });
});

test('update: a field left out stays, null clears, and a name can not be cleared (S4)', async () => {
  expect(await command('update', { labels: null, priority: null, isPublic: null, tags: { a: [1] } })).toMatchObject({
    name: 'front',
    labels: {},
    priority: 0,
    isPublic: false,
    tags: { a: [1] },
  });
  expect(await refusedCommand('update', { name: null })).toEqual({ code: 'BAD_USER_INPUT', path: ['input', 'name'] });
});

test('disable and enable', async () => {
  expect(await command('disable')).toMatchObject({ state: 'DISABLED' });
  expect(await command('disable')).toMatchObject({ state: 'DISABLED' });
  expect(await command('enable')).toMatchObject({ state: 'ENABLED' });
});

test('recover_plugin: RE_PROVISIONING, with a generation more (P2)', async () => {
  expect(await recover('collector')).toEqual({
    plugin: { pluginId: 'collector', state: 'RE_PROVISIONING', generation: 2, supervisorName: 'front' },
  });
  expect(await recover('unknown')).toEqual({ code: 'NOT_FOUND' });
});

test('get', async () => {
  const query = `query ($id: ID!) { supervisor(id: $id) { ${supervisorInfo} createdAt updatedAt } }`;
  expect(await api.ask(query, { id: supervisorId })).toMatchObject({ supervisor: { id: supervisorId, name: 'front' } });
  expect(await api.ask(query, { id: 'supervisor-000000000000' })).toEqual({ supervisor: null });
});

test("list, by each of the reference's own parameters", async () => {
  for (const filter of [
    `id: {eq: "${supervisorId}"}`,
    'name: {eq: "front"}',
    'isPublic: {eq: false}',
    'hostname: {startsWith: "host"}',
  ]) {
    const query = `{ supervisors(domainId: "${domainId}", filter: {${filter}}) { totalCount nodes { id } } }`;
    expect(await api.ask(query)).toEqual({ supervisors: { totalCount: 1, nodes: [{ id: supervisorId }] } });
  }
});

test('stat', async () => {
  const query = `{ supervisorStats(domainId: "${domainId}", groupBy: [STATE]) { state count } }`;
  expect(await api.ask(query)).toEqual({ supervisorStats: [{ state: 'ENABLED', count: 1 }] });
});

test("list_plugins, by each of the reference's own parameters", async () => {
  for (const filter of [
    `supervisorId: {eq: "${supervisorId}"}`,
    'supervisor: {hostname: {eq: "host-1"}}',
    'pluginId: {eq: "collector"}',
    'version: {eq: "1.0"}',
    'state: {eq: RE_PROVISIONING}',
    'endpoint: {eq: "grpc://10.0.0.1:50051"}',
  ]) {
    const query = `{ plugins(domainId: "${domainId}", filter: {pluginId: {ne: "webhook"}, and: [{${filter}}]}) { nodes { pluginId } totalCount } }`;
    expect(await api.ask(query)).toEqual({ plugins: { nodes: [{ pluginId: 'collector' }], totalCount: 1 } });
  }
});

test('deregister: refused while managed plugins remain, unless forced; then it is gone (S5)', async () => {
  await api.db.sql.query('UPDATE plugins SET managed = TRUE WHERE supervisor_id = $1 AND plugin_id = $2', [
    supervisorId,
    'collector',
  ]);
  const query = `mutation ($id: ID!, $force: Boolean) {
    deregisterSupervisor(input: {supervisorId: $id, force: $force}) { deregisteredId }
  }`;
  expect(await api.refusal(query, { id: supervisorId })).toEqual({ code: 'INSTALLED_PLUGIN_EXISTS' });
  expect(await api.ask(query, { id: supervisorId, force: true })).toEqual({
    deregisterSupervisor: { deregisteredId: supervisorId },
  });
  expect(await api.refusal(query, { id: supervisorId })).toEqual({ code: 'NOT_FOUND' });
  expect(
    await api.ask(`{ supervisor(id: "${supervisorId}") { id } plugins(domainId: "${domainId}") { totalCount } }`),
  ).toEqual({ supervisor: null, plugins: { totalCount: 0 } });
});

test.each(['register', 'update', 'enable', 'disable'])('%s of an unknown id is NOT_FOUND', async (name) => {
  expect(await refusedCommand(name)).toEqual({ code: 'NOT_FOUND' });
});

function mutationOf(name: string): string {
  const title = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  return `mutation ($input: ${title}SupervisorInput!) { ${name}Supervisor(input: $input) { supervisor { ${supervisorInfo} } } }`;
}

async function command(name: string, fields: Record<string, unknown> = {}): Promise<unknown> {
  const data = await api.ask<Record<string, { supervisor: unknown }>>(mutationOf(name), {
    input: { supervisorId, ...fields },
  });
  return data[`${name}Supervisor`]?.supervisor;
}

function refusedCommand(name: string, fields: Record<string, unknown> = {}): Promise<unknown> {
  return api.refusal(mutationOf(name), { input: { supervisorId, ...fields } });
}

async function recover(pluginId: string): Promise<unknown> {
  const query = `mutation ($input: RecoverPluginInput!) {
    recoverPlugin(input: $input) { plugin { pluginId state generation supervisorName } }
  }`;
  const variables = { input: { supervisorId, pluginId, version: '1.0' } };
  const { data, errors } = await api.run(query, variables);
  return errors ? api.refusal(query, variables) : JSON.parse(JSON.stringify(data?.recoverPlugin));
}
