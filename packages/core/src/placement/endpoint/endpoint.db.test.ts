import { beforeEach, describe, expect, test } from 'vitest';
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
import { acquirePluginEndpoint, disableSupervisor, notifyFailure } from '../../index.ts';
import { sweep } from '../../sweep/sweep.ts';

const harness = useTestCore();
let domain: TestDomain;

beforeEach(() => {
  domain = newDomain();
});

const acquire = async (input = {}) => {
  const acquired = await acquirePluginEndpoint(harness.core, domain.viewer, { pluginId: 'collector', ...input });
  return { endpoint: acquired.endpoint, version: acquired.version };
};
const none = () => acquire().catch(({ code }: { code: string }) => ({ endpoint: null, code }));

describe('an endpoint is handed out from an ACTIVE plugin of a supervisor that is known to be there (P8)', () => {
  test('of one that is ENABLED', async () => {
    await enabledSupervisor(harness, domain, { hostname: 'a' });
    await reportPlugin(harness, domain, 'a', { endpoint: 'grpc://a:1' });
    expect(await acquire()).toEqual({ endpoint: 'grpc://a:1', version: '1.0' });
  });

  test('not of one that is PENDING', async () => {
    await reportPlugin(harness, domain, 'a', { endpoint: 'grpc://a:1' });
    expect(await none()).toMatchObject({ endpoint: null });
  });

  test('not of a plugin that is not ACTIVE', async () => {
    await enabledSupervisor(harness, domain, { hostname: 'a' });
    await reportPlugin(harness, domain, 'a', { endpoint: 'grpc://a:1', state: 'ERROR' });
    expect(await none()).toMatchObject({ endpoint: null });
  });

  test('of one that is DISABLED, for as long as its lease runs; not of one that is DISCONNECTED', async () => {
    const frozen = await enabledSupervisor(harness, domain, { hostname: 'a' });
    await reportPlugin(harness, domain, 'a', { endpoint: 'grpc://a:1' });
    await disableSupervisor(harness.core, domain.operator, { supervisorId: frozen.id });
    expect(await acquire()).toMatchObject({ endpoint: 'grpc://a:1' });
    await enabledSupervisor(harness, domain, { hostname: 'b' });
    await reportPlugin(harness, domain, 'b', { endpoint: 'grpc://b:1' });
    harness.advance(pastLeaseMs);
    await sweep(harness.core);
    expect(await none()).toMatchObject({ endpoint: null });
  });

  test('not of another domain (A3), nor without the labels asked for', async () => {
    await enabledSupervisor(harness, domain, { hostname: 'a', labels: { env: 'prod' } });
    await reportPlugin(harness, domain, 'a', { endpoint: 'grpc://a:1' });
    expect(await acquire({ labels: { env: 'prod' } })).toMatchObject({ endpoint: 'grpc://a:1' });
    expect(await refusalOf(acquire({ labels: { env: 'test' } }))).toMatchObject({ code: 'NO_POSSIBLE_SUPERVISOR' });
    domain = newDomain();
    expect(await none()).toMatchObject({ endpoint: null });
  });
});

test('the endpoints of all instances take turns (M4)', async () => {
  await enabledSupervisor(harness, domain, { hostname: 'a' });
  await enabledSupervisor(harness, domain, { hostname: 'b' });
  await reportPlugin(harness, domain, 'a', { endpoints: ['grpc://a:1', 'grpc://a:2'] });
  await reportPlugin(harness, domain, 'b', { endpoint: 'grpc://b:1' });
  const taken: (string | null)[] = [];
  for (let i = 0; i < 6; i++) taken.push((await acquire()).endpoint);
  expect(new Set(taken.slice(0, 3))).toEqual(new Set(['grpc://a:1', 'grpc://a:2', 'grpc://b:1']));
  expect(taken.slice(3)).toEqual(taken.slice(0, 3));
});

test('a version is that version; without one, or where any will do, the newest', async () => {
  await enabledSupervisor(harness, domain, { hostname: 'a' });
  await publish(harness, domain, {
    hostname: 'a',
    plugins: [
      { pluginId: 'collector', version: '1.9', state: 'ACTIVE', endpoint: 'grpc://old:1' },
      { pluginId: 'collector', version: '1.10', state: 'ACTIVE', endpoint: 'grpc://new:1' },
    ],
  });
  expect(await acquire({ version: '1.9' })).toEqual({ endpoint: 'grpc://old:1', version: '1.9' });
  expect(await acquire({ version: '1.9', anyVersion: true })).toEqual({ endpoint: 'grpc://new:1', version: '1.10' });
  expect(await acquire()).toEqual({ endpoint: 'grpc://new:1', version: '1.10' });
  expect(await refusalOf(acquire({ version: '2.0' }))).toMatchObject({
    message: `expected collector 2.0 in domain ${domain.domainId}, ACTIVE with an endpoint, on a supervisor that may serve it; there is none, and the role VIEWER may not install one`,
  });
});

test.each([
  { older: '2.0.0-rc.1', newer: '2.0.0' },
  { older: 'v1.2.0', newer: '1.10.0' },
  { older: 'latest', newer: '0.0.1-alpha' },
])('M5: $newer is handed out, not $older, where no version is asked for or any will do', async ({ older, newer }) => {
  await enabledSupervisor(harness, domain, { hostname: 'a' });
  const plugins = [older, newer].map((version) => ({
    pluginId: 'collector',
    version,
    state: 'ACTIVE' as const,
    endpoint: `grpc://${version}:1`,
  }));
  await publish(harness, domain, { hostname: 'a', plugins });
  expect(await acquire()).toMatchObject({ version: newer });
  expect(await acquire({ version: older, anyVersion: true })).toMatchObject({ version: newer });
});

describe('a notice of failure', () => {
  const stateOf = async (supervisorId: string) =>
    harness.db.prisma.plugin.findFirstOrThrow({ where: { supervisorId }, select: { state: true, generation: true } });

  test('recovers a plugin that is ACTIVE, once, however many notice it', async () => {
    const { id: supervisorId } = await enabledSupervisor(harness, domain, { hostname: 'a' });
    await reportPlugin(harness, domain, 'a', { endpoint: 'grpc://a:1' });
    const failure = { supervisorId, pluginId: 'collector', version: '1.0' };
    await notifyFailure(harness.core, domain.operator, failure);
    await notifyFailure(harness.core, domain.operator, failure);
    expect(await stateOf(supervisorId)).toEqual({ state: 'RE_PROVISIONING', generation: 2 });
  });

  test('is for an OPERATOR, and NOT_FOUND for what is not there', async () => {
    const failure = { supervisorId: 'supervisor-000000000000', pluginId: 'collector', version: '1.0' };
    expect(await refusalOf(notifyFailure(harness.core, domain.viewer, failure))).toMatchObject({ code: 'FORBIDDEN' });
    expect(await refusalOf(notifyFailure(harness.core, domain.operator, failure))).toMatchObject({ code: 'NOT_FOUND' });
  });
});
