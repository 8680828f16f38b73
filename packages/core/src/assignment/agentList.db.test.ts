import type { Plugin } from '@muster/db';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  pastDeadlineMs,
  pastLeaseMs,
  publish,
  refusalOf,
  reportPlugin,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { openStream } from '../event/stream.ts';
import {
  deregisterSupervisor,
  fetchAssignments,
  getLastSeen,
  installPlugin,
  listAssignments,
  recoverPlugin,
  uninstallPlugin,
  type Viewer,
  watchAssignments,
} from '../index.ts';
import { sweep } from '../sweep/sweep.ts';

// A lease outlasts the deadlines, but where a test lets it run out.
const t = useTestCore({ settings: { leaseSeconds: 100_000 } });
let domain: TestDomain;
let supervisorId: string;

beforeEach(async () => {
  domain = newDomain();
  supervisorId = (await enabledSupervisor(t, domain, { hostname: 'a' })).id;
});

const identity = { pluginId: 'collector', version: '1.0' };
const fetchList = async () =>
  (await fetchAssignments(t.core, domain.agent, { hostname: 'a' })).map(({ state }) => state);
const plugin = () => t.db.prisma.plugin.findFirstOrThrow({ where: { supervisorId } });
const recover = () => recoverPlugin(t.core, domain.operator, { supervisorId, ...identity });

describe('P3: of an agent that knows no generations', () => {
  test('a report counts if the list that it last fetched offered this generation', async () => {
    await reportPlugin(t, domain, 'a', {});
    await fetchList();
    await recover();
    await reportPlugin(t, domain, 'a', {});
    expect(await plugin()).toMatchObject({ state: 'RE_PROVISIONING', generation: 2 });
    await fetchList();
    await reportPlugin(t, domain, 'a', { endpoint: 'grpc://new:1' });
    expect(await plugin()).toMatchObject({ state: 'ACTIVE', generation: 2, observedGeneration: 2 });
  });

  test('what an operator looks at, or follows, counts as nothing that the agent fetched', async () => {
    await reportPlugin(t, domain, 'a', {});
    await recover();
    await listAssignments(t.core, domain.operator, { supervisorId });
    const stream = await openStream(t.core, await watchAssignments(t.core, domain.agent, { hostname: 'a' }));
    await stream.next();
    await stream.return?.();
    await reportPlugin(t, domain, 'a', {});
    expect(await plugin()).toMatchObject({ state: 'RE_PROVISIONING' });
  });
});

test('P5: an attempt is shown as RE_PROVISIONING once, and as PROVISIONING until the next, also once its deadline passed', async () => {
  await installPlugin(t.core, domain.operator, identity);
  expect(await fetchList()).toEqual(['PROVISIONING']);
  t.advance(pastDeadlineMs);
  await sweep(t.core);
  expect(await plugin()).toMatchObject({ state: 'ERROR', reason: 'DEADLINE_EXCEEDED' });
  expect([await fetchList(), await fetchList()]).toEqual([['PROVISIONING'], ['PROVISIONING']]);
  await publish(t, domain, { hostname: 'a', plugins: [] });
  t.advance(31_000);
  await sweep(t.core);
  expect([await fetchList(), await fetchList()]).toEqual([['RE_PROVISIONING'], ['PROVISIONING']]);
});

test('P5: what an agent reported as ERROR is shown as PROVISIONING, and as RE_PROVISIONING once an attempt', async () => {
  await installPlugin(t.core, domain.operator, identity);
  await fetchList();
  await reportPlugin(t, domain, 'a', { state: 'ERROR', message: 'no image' });
  expect(await plugin()).toMatchObject({ state: 'ERROR', reason: 'REPORTED', message: 'no image', attempt: 1 });
  expect([await fetchList(), await fetchList()]).toEqual([['PROVISIONING'], ['PROVISIONING']]);
  t.advance(31_000);
  await sweep(t.core);
  expect([await fetchList(), await fetchList()]).toEqual([['RE_PROVISIONING'], ['PROVISIONING']]);
  await reportPlugin(t, domain, 'a', { state: 'ERROR', message: 'no image' });
  expect(await plugin()).toMatchObject({ state: 'ERROR', reason: 'REPORTED', attempt: 2, generation: 2 });
});

test('P5: no plugin is ever shown as ERROR to its agent, which would reinstall it at every tick', async () => {
  await reportPlugin(t, domain, 'a', { state: 'ERROR' });
  const other = { pluginId: 'missing', managed: true, state: 'ERROR', reason: 'MISSING' } as const;
  await insertManagedPlugin(t, { id: supervisorId, domainId: domain.domainId }, other);
  expect(await fetchList()).toEqual(['PROVISIONING', 'PROVISIONING']);
});

describe('the list of a supervisor', () => {
  test('renews the lease of the agent that asks for it, and not for an operator or an ADMIN who looks (L1)', async () => {
    const lastSeen = async () => (await getLastSeen(t.core, [supervisorId])).get(supervisorId)?.getTime() ?? 0;
    const before = await lastSeen();
    t.advance(pastLeaseMs);
    const credential = { id: 'root', keyId: null, expiresAtMs: null };
    for (const viewer of [domain.operator, { ...domain.admin, credential }]) {
      await listAssignments(t.core, viewer, { supervisorId });
    }
    expect(await lastSeen()).toBe(before);
    await listAssignments(t.core, domain.agent, { supervisorId });
    expect(await lastSeen()).toBeGreaterThan(before);
  });

  test('is whole for its agent, and shows an operator nothing of other domains (A3)', async () => {
    const tenant = newDomain();
    await installPlugin(t.core, domain.operator, identity);
    await insertManagedPlugin(t, { id: supervisorId, domainId: tenant.domainId }, { pluginId: 'of a tenant' });
    const namesFor = async (viewer: Viewer) =>
      (await listAssignments(t.core, viewer, { supervisorId })).map(({ pluginId }) => pluginId).sort();
    expect(await namesFor(domain.agent)).toEqual(['collector', 'of a tenant']);
    expect(await namesFor(domain.operator)).toEqual(['collector']);
    const followed = await openStream(t.core, await watchAssignments(t.core, domain.operator, { supervisorId }));
    expect((await followed.next()).value.plugins.map(({ pluginId }: Plugin) => pluginId)).toEqual(['collector']);
    await followed.return?.();
  });

  test('is NOT_FOUND and not empty where the supervisor is not known, or another domain’s (A3)', async () => {
    const stranger = newDomain();
    for (const [viewer, input] of [
      [domain.agent, { hostname: 'unknown' }],
      [stranger.agent, { supervisorId }],
      [stranger.operator, { supervisorId }],
    ] as const) {
      expect(await refusalOf(listAssignments(t.core, viewer, input))).toMatchObject({ code: 'NOT_FOUND' });
      expect(await refusalOf(watchAssignments(t.core, viewer, input))).toMatchObject({ code: 'NOT_FOUND' });
    }
    expect(await refusalOf(listAssignments(t.core, domain.viewer, { supervisorId }))).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await refusalOf(listAssignments(t.core, domain.agent, {}))).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  test('is followed as a whole each time that more or less is wanted, and not when it is reported', async () => {
    const stream = await openStream(t.core, await watchAssignments(t.core, domain.agent, { hostname: 'a' }));
    const next = async () => {
      const { value } = await stream.next();
      return value.plugins.map(
        (each: { pluginId: string; generation: number }) => `${each.pluginId} ${each.generation}`,
      );
    };
    expect(await next()).toEqual([]);
    await installPlugin(t.core, domain.operator, identity);
    expect(await next()).toEqual(['collector 1']);
    await reportPlugin(t, domain, 'a', { observedGeneration: 1 });
    await recover();
    expect(await next()).toEqual(['collector 2']);
    await installPlugin(t.core, domain.operator, { pluginId: 'webhook', version: '1.0' });
    expect(await next()).toEqual(['collector 2', 'webhook 1']);
    await uninstallPlugin(t.core, domain.operator, identity);
    expect(await next()).toEqual(['webhook 1']);
    await deregisterSupervisor(t.core, domain.operator, { supervisorId, force: true });
    expect(await refusalOf(stream.next())).toMatchObject({ code: 'NOT_FOUND' });
  });
});
