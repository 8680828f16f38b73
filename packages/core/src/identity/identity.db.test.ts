import { describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  newDomain,
  publish,
  refusalOf,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import type { Viewer } from '../access/viewer.ts';
import { createApiKey } from '../apiKey/createApiKey.ts';
import { fetchAssignments, listAssignments, watchAssignments } from '../assignment/assignments.ts';
import { listEvents } from '../event/read.ts';
import { installPlugin } from '../placement/install.ts';
import { getSupervisor } from '../supervisor/read.ts';
import { sweep } from '../sweep/sweep.ts';
import { RefusedIdentities } from './refusedIdentities.ts';

const t = useTestCore({ settings: { secretGuessesPerMinute: 3 } });

const boundTo = (domain: TestDomain, boundHostname: string): Viewer => ({ ...domain.agent, boundHostname });
const conditionsOf = async (domain: TestDomain, hostname: string) =>
  (await t.db.prisma.supervisor.findFirstOrThrow({ where: { domainId: domain.domainId, hostname } })).conditions;
const leaseOf = (supervisorId: string) => t.db.prisma.lease.findUniqueOrThrow({ where: { supervisorId } });
const eventCount = async (domain: TestDomain) =>
  (await listEvents(t.core, domain.operator, { first: 100 })).edges.length;

describe('A7: a credential that is bound to a host', () => {
  test('comes of a key with a hostname', async () => {
    const domain = newDomain();
    const { domainId } = domain;
    const input = { name: 'a', role: 'SUPERVISOR' as const, domainId, hostname: 'a' };
    const { apiKey, token } = await createApiKey(t.core, domain.operator, input);
    expect(apiKey.hostname).toBe('a');
    expect(await t.core.access.authenticate(token)).toMatchObject({ boundHostname: 'a' });
    const refusal = await refusalOf(createApiKey(t.core, domain.operator, { ...input, role: 'VIEWER' }));
    expect(refusal).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['hostname'] } });
  });

  test('publishes and fetches for that host alone', async () => {
    const domain = newDomain();
    const [own, other] = [
      await enabledSupervisor(t, domain, { hostname: 'own' }),
      await enabledSupervisor(t, domain, { hostname: 'other' }),
    ];
    const agent = boundTo(domain, 'own');
    const before = await leaseOf(other.id);
    await publish(t, domain, { hostname: 'own' }, agent);
    await fetchAssignments(t.core, agent, { hostname: 'own' });
    await listAssignments(t.core, agent, { supervisorId: own.id });
    await watchAssignments(t.core, agent, { hostname: 'own' });
    for (const attempt of [
      () => publish(t, domain, { hostname: 'other' }, agent),
      () => publish(t, domain, { hostname: 'unused' }, agent),
      () => fetchAssignments(t.core, agent, { hostname: 'other' }),
      () => fetchAssignments(t.core, agent, { hostname: 'unused' }),
      () => listAssignments(t.core, agent, { hostname: 'other' }),
      () => listAssignments(t.core, agent, { hostname: 'unused' }),
      () => listAssignments(t.core, agent, { supervisorId: other.id }),
      () => watchAssignments(t.core, agent, { hostname: 'other' }),
      () => watchAssignments(t.core, agent, { supervisorId: other.id }),
    ]) {
      expect(await refusalOf(async () => attempt())).toMatchObject({
        code: 'FORBIDDEN',
        message: expect.stringMatching(/^expected hostname own, which the credential is bound to; got (other|unused)$/),
      });
    }
    expect(await leaseOf(other.id)).toEqual(before);
  });
});

describe('S6: the secret is asked for when a list is fetched', () => {
  test('and without it nothing is renewed, recorded or shown', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname: 'a', secretKey: 'right' });
    await installPlugin(t.core, domain.operator, { pluginId: 'collector', version: '1.0' });
    const before = await leaseOf(id);
    for (const secretKey of ['wrong', null, undefined]) {
      const input = { hostname: 'a', secretKey };
      for (const attempt of [
        () => fetchAssignments(t.core, domain.agent, input),
        () => fetchAssignments(t.core, domain.agent, input, { renews: false }),
        () => listAssignments(t.core, domain.agent, { supervisorId: id, secretKey }),
        () => watchAssignments(t.core, domain.agent, input),
      ]) {
        expect((await refusalOf(async () => attempt())).code).toMatch(/^(FORBIDDEN|RATE_LIMITED)$/);
      }
    }
    expect(await leaseOf(id)).toEqual(before);
    expect(await t.db.prisma.plugin.findFirst({ where: { supervisorId: id } })).toMatchObject({ offeredGeneration: 0 });
    t.advance(60_001);
    expect(await fetchAssignments(t.core, domain.agent, { hostname: 'a', secretKey: 'right' })).toHaveLength(1);
    expect(await leaseOf(id)).not.toEqual(before);
  });

  test('not of operators, and not for a supervisor without one', async () => {
    const domain = newDomain();
    await enabledSupervisor(t, domain, { hostname: 'a', secretKey: 'right' });
    await enabledSupervisor(t, domain, { hostname: 'b' });
    expect(await listAssignments(t.core, domain.operator, { hostname: 'a' })).toEqual([]);
    expect(await fetchAssignments(t.core, domain.agent, { hostname: 'b' })).toEqual([]);
    expect(await fetchAssignments(t.core, domain.agent, { hostname: 'b', secretKey: 'any' })).toEqual([]);
    expect(await fetchAssignments(t.core, domain.agent, { hostname: 'unknown' })).toEqual([]);
  });

  test('guesses are limited: past the limit, not even the right one is looked at', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'a', secretKey: 'right' });
    for (const attempt of [
      () => publish(t, domain, { hostname: 'a', secretKey: '1' }),
      () => fetchAssignments(t.core, domain.agent, { hostname: 'a', secretKey: '2' }),
      () => publish(t, domain, { hostname: 'a', secretKey: '3' }),
    ]) {
      expect(await refusalOf(async () => attempt())).toMatchObject({ code: 'FORBIDDEN' });
    }
    for (const secretKey of ['4', 'right']) {
      const refusal = await refusalOf(publish(t, domain, { hostname: 'a', secretKey }));
      expect(refusal).toMatchObject({ code: 'RATE_LIMITED', details: { retryAfterMs: expect.any(Number) } });
    }
    // A request without a secret is no guess.
    expect(await refusalOf(publish(t, domain, { hostname: 'a' }))).toMatchObject({ code: 'FORBIDDEN' });
    t.advance(60_001);
    await publish(t, domain, { hostname: 'a', secretKey: 'right' });
  });
});

test('L1: a fetch that is to change nothing renews no lease and records nothing', async () => {
  const domain = newDomain();
  const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
  await installPlugin(t.core, domain.operator, { pluginId: 'collector', version: '1.0' });
  const before = await leaseOf(id);
  expect(await fetchAssignments(t.core, domain.agent, { hostname: 'a' }, { renews: false })).toHaveLength(1);
  expect(await listAssignments(t.core, domain.agent, { hostname: 'a' }, { renews: false })).toHaveLength(1);
  expect(await leaseOf(id)).toEqual(before);
  expect(await t.db.prisma.plugin.findFirst({ where: { supervisorId: id } })).toMatchObject({ offeredGeneration: 0 });
});

describe('S9: operators see who was refused', () => {
  test('as a condition: since when, how often, from where; with at most one event a minute', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname: 'a', secretKey: 'right' });
    const stranger: Viewer = { ...domain.agent, address: '192.0.2.7' };
    const refused = () => refusalOf(fetchAssignments(t.core, stranger, { hostname: 'a' }));
    const events = await eventCount(domain);
    await refused();
    const [condition] = (await conditionsOf(domain, 'a')) as { since: string }[];
    expect(condition).toMatchObject({
      type: 'IDENTITY_REFUSED',
      count: 1,
      lastAddress: '192.0.2.7',
      message: '1 request as a was refused; the last, for its secret, came from 192.0.2.7',
    });
    for (let i = 0; i < 5; i++) await refused();
    await sweep(t.core);
    expect(await eventCount(domain)).toBe(events + 1);
    t.advance(60_001);
    await sweep(t.core);
    expect(await eventCount(domain)).toBe(events + 2);
    expect(await conditionsOf(domain, 'a')).toMatchObject([{ count: 6, since: condition?.since }]);
    const { edges } = await listEvents(t.core, domain.operator, { last: 1 });
    expect(edges[0]?.node).toMatchObject({
      kind: 'SUPERVISOR_UPDATED',
      supervisorId: id,
      reason: 'IDENTITY_REFUSED',
      actor: 'muster',
    });
    expect(await getSupervisor(t.core, domain.viewer, id)).toMatchObject({ state: 'ENABLED' });
  });

  test('at most one event a minute, whichever replicas refuse', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'a', secretKey: 'right' });
    const options = { db: t.db, now: t.core.now, clockOffsetMs: t.core.clockOffsetMs, onWarning: () => {} };
    const replicas = [1, 2, 3].map(() => new RefusedIdentities(options));
    const refused = {
      domainId: domain.domainId,
      hostname: 'a',
      boundHostname: null,
      cause: 'secret',
      address: null,
    } as const;
    const events = await eventCount(domain);
    for (const replica of replicas) await replica.record(refused);
    expect(await eventCount(domain)).toBe(events + 1);
    t.advance(60_001);
    for (const replica of replicas) await replica.flush();
    t.advance(60_001);
    for (const replica of replicas) await replica.flush();
    expect(await eventCount(domain)).toBe(events + 3);
    expect(await conditionsOf(domain, 'a')).toMatchObject([{ count: 3 }]);
  });

  test('on the supervisor that is asked for; where nobody knows that, on the one that the credential is bound to', async () => {
    const domain = newDomain();
    await publish(t, domain, { hostname: 'own' });
    await publish(t, domain, { hostname: 'other' });
    const agent = boundTo(domain, 'own');
    await refusalOf(publish(t, domain, { hostname: 'other' }, agent));
    expect(await conditionsOf(domain, 'other')).toMatchObject([
      { type: 'IDENTITY_REFUSED', message: expect.stringContaining('for its hostname') },
    ]);
    expect(await conditionsOf(domain, 'own')).toEqual([]);
    await refusalOf(publish(t, domain, { hostname: 'unused' }, agent));
    expect(await conditionsOf(domain, 'own')).toMatchObject([
      { message: expect.stringContaining('1 request as unused') },
    ]);
  });

  test('until nothing was refused for an hour; other conditions stay', async () => {
    const domain = newDomain();
    const other = { type: 'DUPLICATE_AGENT', since: new Date().toISOString(), message: 'two' };
    const { supervisor } = await publish(t, domain, { hostname: 'a', secretKey: 'right' });
    await t.db.prisma.supervisor.update({ where: { id: supervisor.id }, data: { conditions: [other] } });
    await refusalOf(publish(t, domain, { hostname: 'a' }));
    t.advance(3_599_000);
    await sweep(t.core);
    expect(await conditionsOf(domain, 'a')).toMatchObject([other, { type: 'IDENTITY_REFUSED' }]);
    t.advance(2_000);
    await sweep(t.core);
    expect(await conditionsOf(domain, 'a')).toEqual([other]);
  });
});
