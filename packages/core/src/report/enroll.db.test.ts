import { describe, expect, test } from 'vitest';
import { eventsOf, newDomain, publish, refusalOf, type TestDomain, useTestCore } from '../../testing/testCore.ts';
import type { Viewer } from '../access/viewer.ts';
import { createApiKey } from '../apiKey/createApiKey.ts';
import { createEnrollmentKey } from '../apiKey/createEnrollmentKey.ts';
import { fetchAssignments, listAssignments, watchAssignments } from '../assignment/assignments.ts';
import { DomainError } from '../base/errors.ts';
import { disableSupervisor } from '../supervisor/enable.ts';

const t = useTestCore();

const only = (domain: TestDomain, hostname: string) =>
  t.db.prisma.supervisor.findFirstOrThrow({ where: { domainId: domain.domainId, hostname } });

async function enrollmentOf(domain: TestDomain, input = {}, viewer = domain.operator) {
  const { apiKey, token } = await createEnrollmentKey(t.core, viewer, { name: 'fleet', maxNewcomers: 2, ...input });
  return { apiKey, viewer: await t.core.access.authenticate(token) };
}

/** The viewer of a newcomer's own token. */
async function ownViewer({ token }: { token: string | null }): Promise<Viewer> {
  return t.core.access.authenticate(token);
}

describe('A7: an enrollment key', () => {
  test('is answered once with a key that is bound to the newcomer, by which it goes on', async () => {
    const domain = newDomain();
    const { apiKey, viewer } = await enrollmentOf(domain);
    expect(apiKey).toMatchObject({ role: 'SUPERVISOR', hostname: null, maxNewcomers: 2, newcomers: 0 });
    const plugins = [{ pluginId: 'collector', version: '1.0', state: 'ACTIVE' as const }];
    const first = await publish(t, domain, { hostname: 'a', plugins }, viewer);
    expect(first.supervisor).toMatchObject({ state: 'PENDING', hostname: 'a', domainId: domain.domainId });
    const own = await ownViewer(first);
    expect(own).toMatchObject({ role: 'SUPERVISOR', domainId: domain.domainId, boundHostname: 'a' });
    expect(own).not.toHaveProperty('enrolls');
    const key = await t.db.prisma.apiKey.findUniqueOrThrow({ where: { id: own.subject } });
    expect(key).toMatchObject({ madeByKey: apiKey.id, createdBy: apiKey.id, expiresAt: null, name: 'a' });
    expect(await t.db.prisma.apiKey.findUnique({ where: { id: apiKey.id } })).toMatchObject({ newcomers: 1 });
    expect(await publish(t, domain, { hostname: 'a', plugins }, own)).toMatchObject({ token: null });
    expect(await t.db.prisma.plugin.count({ where: { supervisorId: first.supervisor.id } })).toBe(1);
  });

  test('brings in no host that is known, and does nothing else', async () => {
    const domain = newDomain();
    const { apiKey, viewer } = await enrollmentOf(domain);
    const { supervisor } = await publish(t, domain, { hostname: 'known', secretKey: 'right' });
    const { id: supervisorId } = (await publish(t, domain, { hostname: 'plain' })).supervisor;
    const leases = () => t.db.prisma.lease.findMany({ where: { supervisorId: { in: [supervisor.id, supervisorId] } } });
    const before = await leases();
    for (const attempt of [
      () => publish(t, domain, { hostname: 'plain' }, viewer),
      () => publish(t, domain, { hostname: 'known' }, viewer),
      () => publish(t, domain, { hostname: 'known', secretKey: 'right' }, viewer),
      () => fetchAssignments(t.core, viewer, { hostname: 'plain' }),
      () => listAssignments(t.core, viewer, { supervisorId }),
      () => watchAssignments(t.core, viewer, { supervisorId }),
      () => disableSupervisor(t.core, viewer, { supervisorId }),
      () => createApiKey(t.core, viewer, { name: 'mine', role: 'SUPERVISOR' }),
    ]) {
      expect(await refusalOf(async () => attempt())).toMatchObject({ code: 'FORBIDDEN' });
    }
    expect(await leases()).toEqual(before);
    // An agent asks for its list before its first publish.
    expect(await fetchAssignments(t.core, viewer, { hostname: 'new' })).toEqual([]);
    expect(await t.db.prisma.apiKey.findUnique({ where: { id: apiKey.id } })).toMatchObject({ newcomers: 0 });
  });

  test('brings in as many as it may, also where they come at once', async () => {
    const domain = newDomain();
    const { viewer } = await enrollmentOf(domain, { maxNewcomers: 3 });
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        publish(t, domain, { hostname: `host-${i}` }, viewer).then(
          ({ token }) => (token === null ? 'none' : 'token'),
          (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
        ),
      ),
    );
    expect(outcomes.sort()).toEqual([...Array(5).fill('LIMIT'), ...Array(3).fill('token')]);
    expect(await t.db.prisma.supervisor.count({ where: { domainId: domain.domainId } })).toBe(3);
    expect(await t.db.prisma.apiKey.count({ where: { domainId: domain.domainId } })).toBe(4);
  });

  test('answers one of several that come at once for one host', async () => {
    const domain = newDomain();
    const { viewer } = await enrollmentOf(domain, { maxNewcomers: 10 });
    const tries = Array.from({ length: 4 }, () => publish(t, domain, { hostname: 'a' }, viewer));
    const settled = await Promise.allSettled(tries);
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const tokens = await t.db.prisma.apiKey.count({ where: { domainId: domain.domainId, hostname: 'a' } });
    expect(tokens).toBe(1);
  });

  test('gives newcomers labels, and registers them where it says so', async () => {
    const domain = newDomain();
    const labels = { zone: 'eu' };
    const { apiKey, viewer } = await enrollmentOf(domain, { labels, registers: true });
    const proposed = { env: 'prod', zone: 'us' };
    const enrolled = await publish(t, domain, { hostname: 'a', labels: proposed }, viewer);
    expect(enrolled.supervisor).toMatchObject({ state: 'ENABLED', labels: { env: 'prod', zone: 'eu' } });
    await publish(t, domain, { hostname: 'a', labels: { zone: 'us' } }, await ownViewer(enrolled));
    expect(await only(domain, 'a')).toMatchObject({ labels: { env: 'prod', zone: 'eu' }, operatorFields: ['labels'] });
    expect((await eventsOf(t, domain)).filter((event) => event.startsWith('SUPERVISOR'))).toEqual([
      `SUPERVISOR_CREATED NONE>PENDING PUBLISHED by ${apiKey.id}`,
      `SUPERVISOR_STATE_CHANGED PENDING>ENABLED REGISTERED by ${apiKey.id}`,
    ]);
  });

  test('keeps its labels on newcomers that wait to be registered', async () => {
    const domain = newDomain();
    const { viewer } = await enrollmentOf(domain, { labels: { zone: 'eu' } });
    const enrolled = await publish(t, domain, { hostname: 'a', labels: { env: 'x' } }, viewer);
    await publish(t, domain, { hostname: 'a', labels: { zone: 'us' } }, await ownViewer(enrolled));
    expect(await only(domain, 'a')).toMatchObject({ state: 'PENDING', labels: { env: 'x', zone: 'eu' } });
  });

  test('ends by itself: a day from now unless it says otherwise', async () => {
    const { apiKey, viewer } = await enrollmentOf(newDomain());
    expect(apiKey.expiresAt?.getTime()).toBeGreaterThan(t.core.now() + 86_000_000);
    expect(apiKey.expiresAt?.getTime()).toBeLessThanOrEqual(t.core.now() + 86_400_000);
    expect(viewer.credential?.expiresAtMs).toBe(apiKey.expiresAt?.getTime());
  });

  test('is an OPERATOR’s to make, for its domain', async () => {
    const [domain, other] = [newDomain(), newDomain()];
    for (const viewer of [domain.viewer, domain.agent, other.operator]) {
      const attempt = enrollmentOf(domain, { domainId: domain.domainId }, viewer);
      expect(await refusalOf(attempt)).toMatchObject({ code: 'FORBIDDEN' });
    }
  });

  test.each([
    [{ maxNewcomers: 0 }, ['maxNewcomers']],
    [{ labels: 7 }, ['labels']],
    [{ expiresAt: new Date(0) }, ['expiresAt']],
    [{ keysExpireAt: new Date(0) }, ['keysExpireAt']],
  ])('%j is BAD_USER_INPUT with its path', async (input, path) => {
    expect(await refusalOf(enrollmentOf(newDomain(), input))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { path },
    });
  });
});
