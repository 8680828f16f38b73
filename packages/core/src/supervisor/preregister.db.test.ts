import { describe, expect, test } from 'vitest';
import {
  eventsOf,
  everythingOf,
  newDomain,
  pastLeaseMs,
  publish,
  refusalOf,
  supervisorIn,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { createEnrollmentKey } from '../apiKey/createEnrollmentKey.ts';
import { fetchAssignments } from '../assignment/assignments.ts';
import { installPlugin } from '../placement/install.ts';
import { sweep } from '../sweep/sweep.ts';
import { disableSupervisor, enableSupervisor } from './enable.ts';
import { preregisterSupervisor } from './preregister.ts';
import { registerSupervisor } from './register.ts';
import { resetSupervisorSecret } from './resetSecret.ts';

const t = useTestCore({ settings: { quotas: { supervisors: 3 } } });

const hostname = 'host-1';
const preregister = (domain: TestDomain, fields: object = {}) =>
  preregisterSupervisor(t.core, domain.operator, { hostname, ...fields });
const enrolling = async (domain: TestDomain) =>
  t.core.access.authenticate(
    (await createEnrollmentKey(t.core, domain.operator, { name: 'key', maxNewcomers: 1, labels: { of: 'key' } })).token,
  );

describe('S2: a supervisor that is registered before it is seen', () => {
  test('is DISCONNECTED and registered, and its first publish makes it ENABLED; each is one event', async () => {
    const domain = newDomain();
    const created = await preregister(domain);
    expect(created).toMatchObject({ hostname, name: hostname, state: 'DISCONNECTED', connected: false });
    expect(created.registeredAt).not.toBeNull();
    const { supervisor } = await publish(t, domain, { hostname: 'HOST-1' });
    expect(supervisor).toMatchObject({ id: created.id, hostname, state: 'ENABLED', connected: true });
    expect(await eventsOf(t, domain)).toEqual([
      'SUPERVISOR_CREATED NONE>DISCONNECTED PREREGISTERED by operator',
      'SUPERVISOR_STATE_CHANGED DISCONNECTED>ENABLED PUBLISHED by supervisor',
    ]);
  });

  test('S3: keeps what the operator set; its first publish brings the rest, a later one nothing', async () => {
    const domain = newDomain();
    await preregister(domain, { name: 'mine', priority: 7, labels: {} });
    const proposed = { name: 'theirs', labels: { region: 'eu' }, tags: { rack: 4 } };
    const { supervisor } = await publish(t, domain, { hostname, ...proposed });
    expect(supervisor).toMatchObject({ name: 'mine', priority: 7, labels: {}, tags: { rack: 4 } });
    expect((await publish(t, domain, { hostname, tags: { rack: 5 } })).supervisor.tags).toEqual({ rack: 4 });
  });

  test('S7: is made public by an ADMIN alone', async () => {
    const domain = newDomain();
    expect((await refusalOf(preregister(domain, { isPublic: true }))).code).toBe('FORBIDDEN');
    const input = { hostname, isPublic: true, domainId: domain.domainId };
    expect((await preregisterSupervisor(t.core, domain.admin, input)).isPublic).toBe(true);
  });

  test('S6: has the secret that its first publish brings', async () => {
    const domain = newDomain();
    await preregister(domain);
    await publish(t, domain, { hostname, secretKey: 'right' });
    for (const secretKey of ['wrong', undefined]) {
      expect((await refusalOf(publish(t, domain, { hostname, secretKey }))).code).toBe('FORBIDDEN');
    }
    await publish(t, domain, { hostname, secretKey: 'right' });
  });

  test('S6: takes none later where its first publish brings none, until an ADMIN resets it', async () => {
    const domain = newDomain();
    const { id } = await preregister(domain);
    await publish(t, domain, { hostname });
    await publish(t, domain, { hostname, secretKey: 'a stranger’s' });
    await publish(t, domain, { hostname });
    await resetSupervisorSecret(t.core, domain.admin, { supervisorId: id, domainId: domain.domainId });
    await publish(t, domain, { hostname, secretKey: 'right' });
    expect((await refusalOf(publish(t, domain, { hostname }))).code).toBe('FORBIDDEN');
  });

  test('comes by its first publish, not by a fetch of its list, which changes nothing', async () => {
    const domain = newDomain();
    await preregister(domain);
    const before = await everythingOf(t, domain);
    expect(await fetchAssignments(t.core, domain.agent, { hostname })).toEqual([]);
    expect(await everythingOf(t, domain)).toEqual(before);
  });

  test('that is disabled or enabled before it is seen is treated as one that went silent', async () => {
    const domain = newDomain();
    const { id } = await preregister(domain);
    await disableSupervisor(t.core, domain.operator, { supervisorId: id });
    expect((await publish(t, domain, { hostname })).supervisor).toMatchObject({ state: 'DISABLED', connected: true });
    const other = newDomain();
    const enabled = await preregister(other);
    await enableSupervisor(t.core, other.operator, { supervisorId: enabled.id });
    await installPlugin(t.core, other.operator, { pluginId: 'p', version: '1.0' });
    t.advance(pastLeaseMs);
    await sweep(t.core);
    const row = () => t.db.prisma.supervisor.findUniqueOrThrow({ where: { id: enabled.id } });
    expect(await row()).toMatchObject({ state: 'DISCONNECTED', awaitsFirstPublish: true });
    await publish(t, other, { hostname, secretKey: 'right' });
    expect(await row()).toMatchObject({ state: 'ENABLED', awaitsFirstPublish: false });
    expect((await refusalOf(publish(t, other, { hostname }))).code).toBe('FORBIDDEN');
  });

  test('A7: may come by an enrollment key, as a newcomer does, with what the operator set', async () => {
    const domain = newDomain();
    const { id } = await preregister(domain, { labels: { of: 'operator' } });
    const viewer = await enrolling(domain);
    const { supervisor, token } = await publish(t, domain, { hostname }, viewer);
    expect(supervisor).toMatchObject({ id, state: 'ENABLED', labels: { of: 'operator' } });
    expect(await t.core.access.authenticate(token ?? '')).toMatchObject({ boundHostname: hostname });
    const again = await enrolling(domain);
    expect((await refusalOf(publish(t, domain, { hostname }, again))).code).toBe('FORBIDDEN');
  });

  test('A8: counts for the quota of supervisors', async () => {
    const domain = newDomain();
    for (const name of ['a', 'b', 'c']) await preregister(domain, { hostname: name });
    const refusal = await refusalOf(preregister(domain));
    expect(refusal).toMatchObject({ code: 'LIMIT', details: { quota: 'supervisors', limit: 3 } });
    expect(await t.db.prisma.domainUsage.findUnique({ where: { domainId: domain.domainId } })).toMatchObject({
      supervisors: 3,
      newcomers: 0,
    });
  });
});

describe('S2: registering by hostname a supervisor that is known', () => {
  test('is registering it: a PENDING one becomes ENABLED, with the fields that are given', async () => {
    const domain = newDomain();
    const id = await supervisorIn(t, domain, 'PENDING', hostname);
    expect(await preregister(domain, { hostname: 'HOST-1', priority: 3 })).toMatchObject({
      id,
      state: 'ENABLED',
      priority: 3,
    });
    const refusal = await refusalOf(preregister(domain));
    expect(refusal.code).toBe('SUPERVISOR_STATE');
    expect(refusal.message).toBe(`cannot preregister supervisor ${id}: its state is ENABLED`);
  });

  test('at the same time as its first publish makes one supervisor, registered and ENABLED', async () => {
    for (let times = 0; times < 5; times++) {
      const domain = newDomain();
      await Promise.all([publish(t, domain, { hostname }), preregister(domain), publish(t, domain, { hostname })]);
      await publish(t, domain, { hostname });
      const supervisors = await t.db.prisma.supervisor.findMany({ where: { domainId: domain.domainId } });
      expect(supervisors).toMatchObject([{ state: 'ENABLED', awaitsFirstPublish: false }]);
    }
  });
});

test('S2: one that was never registered and went silent is registered, stays DISCONNECTED, and comes back ENABLED', async () => {
  const domain = newDomain();
  const supervisorId = await supervisorIn(t, domain, 'DISCONNECTED_NEWCOMER', hostname);
  const registered = await registerSupervisor(t.core, domain.operator, { supervisorId, name: 'mine' });
  expect(registered).toMatchObject({ state: 'DISCONNECTED', name: 'mine' });
  expect(registered.registeredAt).not.toBeNull();
  const { supervisor } = await publish(t, domain, { hostname });
  expect(supervisor).toMatchObject({ id: supervisorId, state: 'ENABLED', name: 'mine' });
});
