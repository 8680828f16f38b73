import { beforeEach, describe, expect, test } from 'vitest';
import { tick } from '../../../testing/agent.ts';
import {
  enabledSupervisor,
  newDomain,
  pastLeaseMs,
  publish,
  refusalOf,
  reportPlugin,
  type TestDomain,
  useTestCore,
} from '../../../testing/testCore.ts';
import {
  acquirePluginEndpoint,
  createApiKey,
  deregisterSupervisor,
  installPlugin,
  registerSupervisor,
  revokeApiKey,
  uninstallPlugin,
  updateSupervisor,
} from '../../index.ts';
import { sweep } from '../../sweep/sweep.ts';

const t = useTestCore({ database: { onQuery: (text) => statements.push(text) } });
let domain: TestDomain;
const statements: string[] = [];

beforeEach(() => {
  domain = newDomain();
});

const acquire = (input = {}, viewer = domain.operator) =>
  acquirePluginEndpoint(t.core, viewer, { pluginId: 'collector', version: '1.0', ...input });

test('M4: an ACTIVE endpoint is handed out at once, and nothing is installed', async () => {
  await enabledSupervisor(t, domain, { hostname: 'a' });
  await reportPlugin(t, domain, 'a', { endpoint: 'grpc://a:1' });
  expect(await acquire({ waitSeconds: 60 })).toEqual({
    endpoint: 'grpc://a:1',
    version: '1.0',
    state: 'ACTIVE',
    plugin: null,
  });
  expect(await t.db.prisma.plugin.count({ where: { domainId: domain.domainId, managed: true } })).toBe(0);
});

test('M4: where there is none it is installed; without a wait the state that it has is the answer', async () => {
  await enabledSupervisor(t, domain, { hostname: 'a' });
  expect(await acquire()).toMatchObject({ endpoint: null, state: 'PROVISIONING', plugin: { managed: true } });
  expect(await acquire({ waitSeconds: 0.01 })).toMatchObject({ endpoint: null, state: 'PROVISIONING' });
  expect(t.core.endpointWaits.size).toBe(0);
  await tick(t, domain, 'a');
  expect(await acquire()).toMatchObject({ endpoint: 'grpc://collector-1.0.a:50051', state: 'ACTIVE' });
});

test('a wait ends when the plugin comes up, and tells the state that it reached when it does not', async () => {
  await enabledSupervisor(t, domain, { hostname: 'a' });
  const waiting = acquire({ waitSeconds: 300 });
  await expect.poll(() => t.db.prisma.plugin.count({ where: { domainId: domain.domainId } })).toBe(1);
  await tick(t, domain, 'a', () => 'ERROR');
  await t.core.hub.tail.catchUp();
  await expect.poll(async () => (await acquire({ waitSeconds: 0.01 })).state).toBe('ERROR');
  await tick(t, domain, 'a');
  expect(await waiting).toMatchObject({ endpoint: 'grpc://collector-1.0.a:50051', state: 'ACTIVE' });
  expect(t.core.endpointWaits.size).toBe(0);
});

test('E6: a wait ends with its viewer’s right, and leaves the others waiting', async () => {
  await enabledSupervisor(t, domain, { hostname: 'a' });
  const { apiKey, token } = await createApiKey(t.core, domain.operator, { name: 'caller', role: 'OPERATOR' });
  const viewer = await t.core.access.authenticate(token);
  const ended = refusalOf(acquire({ waitSeconds: 300 }, viewer));
  const waiting = acquire({ waitSeconds: 300 });
  await expect.poll(() => t.db.prisma.plugin.count({ where: { domainId: domain.domainId } })).toBe(1);
  await revokeApiKey(t.core, domain.operator, { apiKeyId: apiKey.id });
  expect(await ended).toMatchObject({ code: 'UNAUTHENTICATED', message: 'the API key has been revoked' });
  await tick(t, domain, 'a');
  expect(await waiting).toMatchObject({ state: 'ACTIVE' });
  expect(t.core.endpointWaits.size).toBe(0);
});

test('M2: with allowPublic false, an instance on a public supervisor of another domain is not handed out', async () => {
  const other = newDomain();
  const { supervisor } = await publish(t, other, { hostname: 'public' });
  await registerSupervisor(t.core, other.admin, { supervisorId: supervisor.id, isPublic: true });
  await installPlugin(t.core, domain.operator, { pluginId: 'collector', version: '1.0' });
  await tick(t, other, 'public');
  expect(await acquire()).toMatchObject({ endpoint: 'grpc://collector-1.0.public:50051' });
  expect(await refusalOf(acquire({ allowPublic: false }))).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
  await enabledSupervisor(t, domain, { hostname: 'home' });
  expect(await acquire({ allowPublic: false })).toMatchObject({ endpoint: null, state: 'PROVISIONING' });
  await tick(t, domain, 'home');
  expect(await acquire({ allowPublic: false })).toMatchObject({ endpoint: 'grpc://collector-1.0.home:50051' });
  await updateSupervisor(t.core, other.operator, { supervisorId: supervisor.id, isPublic: false });
});

test('a thousand who wait cost one wish, one question and one wake-up; the endpoints take turns', async () => {
  await enabledSupervisor(t, domain, { hostname: 'a' });
  const subscriptions = t.core.hub.openQueues;
  statements.length = 0;
  const waiting = Array.from({ length: 1_000 }, () => acquire({ waitSeconds: 300 }));
  await expect.poll(() => t.db.prisma.plugin.count({ where: { domainId: domain.domainId } })).toBe(1);
  expect(t.core.hub.openQueues).toBe(subscriptions + 1);
  await reportPlugin(t, domain, 'a', { endpoints: ['grpc://a:1', 'grpc://a:2'], observedGeneration: 1 });
  const taken = Map.groupBy(await Promise.all(waiting), ({ endpoint }) => endpoint);
  expect([...taken].map(([endpoint, those]) => [endpoint, those.length])).toEqual([
    ['grpc://a:1', 500],
    ['grpc://a:2', 500],
  ]);
  expect(statements.filter((text) => text.includes('unnest(')).length).toBeLessThanOrEqual(4);
  expect(statements.filter((text) => text.includes('INSERT INTO plugins AS p'))).toHaveLength(1);
  expect(t.core.hub.openQueues).toBe(subscriptions);
});

test('M3: where nobody can take it, all who wait are told why', async () => {
  const refusals = await Promise.all([1, 2].map(() => refusalOf(acquire({ waitSeconds: 300 }))));
  expect(refusals).toMatchObject([{ code: 'NO_POSSIBLE_SUPERVISOR' }, { code: 'NO_POSSIBLE_SUPERVISOR' }]);
  expect(t.core.endpointWaits.size).toBe(0);
});

test('a VIEWER’s request installs nothing (A1), nor does one that names no version', async () => {
  await enabledSupervisor(t, domain, { hostname: 'a' });
  expect(await refusalOf(acquire({}, domain.viewer))).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
  expect(await refusalOf(acquire({ version: null }))).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
  await acquire();
  expect(await acquire({}, domain.viewer)).toMatchObject({ endpoint: null, state: 'PROVISIONING' });
});

test('where any version will do, the newest that is known is installed: of the one named and those that the domain has; where none is, the refusal says so', async () => {
  const any = (version: string | null = null) => acquire({ version, anyVersion: true });
  await enabledSupervisor(t, domain, { hostname: 'a' });
  expect(await refusalOf(any())).toMatchObject({
    code: 'NO_POSSIBLE_SUPERVISOR',
    message: expect.stringContaining('there is none, and no version of it is known to install'),
  });
  await publish(t, domain, {
    hostname: 'a',
    plugins: ['1.9', '1.10'].map((version) => ({ pluginId: 'collector', version, state: 'ACTIVE' })),
  });
  await enabledSupervisor(t, domain, { hostname: 'b' });
  expect(await any()).toMatchObject({ version: '1.10', state: 'PROVISIONING', plugin: { managed: true } });
  expect(await any('1.11')).toMatchObject({ version: '1.10' });
  await uninstallPlugin(t.core, domain.operator, { pluginId: 'collector', version: '1.10' });
  expect(await any('1.11')).toMatchObject({ version: '1.11', state: 'PROVISIONING' });
});

test('a refusal says why nothing is handed out, and why nothing is installed', async () => {
  await enabledSupervisor(t, domain, { hostname: 'a' });
  await reportPlugin(t, domain, 'a', { endpoint: 'grpc://a:1' });
  const message = async (input: object, viewer = domain.viewer) => (await refusalOf(acquire(input, viewer))).message;
  expect(await message({ labels: { zone: 'b' } })).toBe(
    `expected collector 1.0 in domain ${domain.domainId}, ACTIVE with an endpoint, on a supervisor with the labels asked for that may serve it; there is none, and the role VIEWER may not install one`,
  );
  expect(await message({ version: null, pluginId: 'other' }, domain.operator)).toBe(
    `expected other in domain ${domain.domainId}, ACTIVE with an endpoint, on a supervisor that may serve it; there is none, and no version is named to install`,
  );
});

test('where any version will do, the newest that is ACTIVE is handed out, else the newest that is on its way is waited for, else the one named is installed', async () => {
  await enabledSupervisor(t, domain, { hostname: 'a', labels: { zone: 'a' } });
  const any = (version: string, labels = {}) => acquire({ version, labels, anyVersion: true });
  expect(await any('1.10')).toMatchObject({ endpoint: null, version: '1.10', state: 'PROVISIONING' });
  expect(await any('1.9')).toMatchObject({ endpoint: null, version: '1.10' });
  expect(await refusalOf(any('1.9', { zone: 'b' }))).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
  await reportPlugin(t, domain, 'a', { version: '1.9', endpoint: 'grpc://a:9' });
  expect(await any('1.10')).toMatchObject({ endpoint: 'grpc://a:9', version: '1.9' });
  await tick(t, domain, 'a');
  expect(await any('1.9')).toMatchObject({ endpoint: 'grpc://collector-1.10.a:50051', version: '1.10' });
  expect(await acquire({ version: '1.9' })).toMatchObject({ version: '1.9' });
});

describe('M4: an instance that can not be handed out counts as none', () => {
  test('of a supervisor that is DISCONNECTED: another supervisor is used, and both serve once it is back', async () => {
    await enabledSupervisor(t, domain, { hostname: 'a' });
    await acquire();
    await tick(t, domain, 'a');
    t.advance(pastLeaseMs);
    await sweep(t.core);
    expect(await refusalOf(acquire())).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
    const free = await enabledSupervisor(t, domain, { hostname: 'b' });
    expect(await acquire()).toMatchObject({ state: 'PROVISIONING', plugin: { supervisorId: free.id } });
    expect(await acquire()).toMatchObject({ state: 'PROVISIONING', plugin: { supervisorId: free.id } });
    await tick(t, domain, 'a');
    await tick(t, domain, 'b');
    const taken = [(await acquire()).endpoint, (await acquire()).endpoint];
    expect(new Set(taken)).toEqual(new Set(['grpc://collector-1.0.a:50051', 'grpc://collector-1.0.b:50051']));
  });

  test('of a plugin that is ACTIVE without an endpoint: that is never the answer', async () => {
    await enabledSupervisor(t, domain, { hostname: 'a' });
    await reportPlugin(t, domain, 'a', {});
    expect(await refusalOf(acquire())).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
    expect(await refusalOf(acquire({}, domain.viewer))).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
    const { id } = await enabledSupervisor(t, domain, { hostname: 'b' });
    expect(await acquire()).toMatchObject({ endpoint: null, state: 'PROVISIONING', plugin: { supervisorId: id } });
    const waiting = acquire({ waitSeconds: 300 });
    await reportPlugin(t, domain, 'a', { endpoint: 'grpc://a:1' });
    expect(await waiting).toMatchObject({ endpoint: 'grpc://a:1' });
  });
});

describe('M4: those who wait are woken by whatever may help, and a wish that is gone is made anew', () => {
  test('by an uninstall: the plugin is wanted again, and all who wait get it', async () => {
    await enabledSupervisor(t, domain, { hostname: 'a' });
    const waiting = [1, 2, 3].map(() => acquire({ waitSeconds: 300 }));
    await waitersOf(1);
    await uninstallPlugin(t.core, domain.operator, { pluginId: 'collector', version: '1.0' });
    await expect.poll(wantedOnes).toBe(1);
    await tick(t, domain, 'a');
    for (const each of await Promise.all(waiting)) expect(each).toMatchObject({ state: 'ACTIVE' });
  });

  test('at the deadline: whoever is told PROVISIONING has a plugin that is wanted', async () => {
    await enabledSupervisor(t, domain, { hostname: 'a' });
    const overlapping = [0.3, 0.6].map((waitSeconds) => acquire({ waitSeconds }));
    await waitersOf(1);
    await uninstallPlugin(t.core, domain.operator, { pluginId: 'collector', version: '1.0' });
    for (const each of await Promise.all(overlapping)) {
      expect(each).toMatchObject({ endpoint: null, plugin: { wanted: true, managed: true } });
    }
    expect(await wantedOnes()).toBe(1);
  });

  test('by a label: an instance comes to match', async () => {
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname: 'a' });
    await enabledSupervisor(t, domain, { hostname: 'b', labels: { env: 'prod' } });
    await reportPlugin(t, domain, 'a', { endpoint: 'grpc://a:1' });
    const waiting = acquire({ waitSeconds: 300, labels: { env: 'prod' } });
    await waitersOf(1);
    await updateSupervisor(t.core, domain.operator, { supervisorId, labels: { env: 'prod' } });
    expect(await waiting).toMatchObject({ endpoint: 'grpc://a:1' });
  });

  test('by a lease that runs out, and one that is renewed', async () => {
    await enabledSupervisor(t, domain, { hostname: 'a' });
    const waiting = acquire({ waitSeconds: 300 });
    await waitersOf(1);
    t.advance(pastLeaseMs);
    const { id } = await enabledSupervisor(t, domain, { hostname: 'b' });
    await sweep(t.core);
    await expect.poll(() => t.db.prisma.plugin.count({ where: { supervisorId: id, wanted: true } })).toBe(1);
    await tick(t, domain, 'a');
    expect(await waiting).toMatchObject({ endpoint: 'grpc://collector-1.0.a:50051' });
  });

  test('by a deregistration; where nobody is left, they wait on for somebody, and at the end are told why', async () => {
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname: 'a' });
    const [patient, impatient] = [acquire({ waitSeconds: 300 }), acquire({ waitSeconds: 0.5 })];
    await waitersOf(1);
    await deregisterSupervisor(t.core, domain.operator, { supervisorId, force: true });
    expect(await refusalOf(impatient)).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
    await enabledSupervisor(t, domain, { hostname: 'b' });
    await expect.poll(wantedOnes).toBe(1);
    await tick(t, domain, 'b');
    expect(await patient).toMatchObject({ endpoint: 'grpc://collector-1.0.b:50051' });
  });
});

const wantedOnes = () =>
  t.db.prisma.plugin.count({ where: { domainId: domain.domainId, wanted: true, managed: true } });

/** Until this number of plugins is wanted: then callers wait. */
const waitersOf = (plugins: number) => expect.poll(wantedOnes).toBe(plugins);
