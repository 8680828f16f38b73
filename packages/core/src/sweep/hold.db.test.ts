import { afterEach, describe, expect, test } from 'vitest';
import { nearInTest } from '../../testing/near.ts';
import {
  eventsOf,
  newDomain,
  pastLeaseMs,
  publish,
  refusalOf,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { disableSupervisor } from '../supervisor/enable.ts';
import { listSupervisors } from '../supervisor/read.ts';
import { registerSupervisor } from '../supervisor/register.ts';
import { domainConditions, releaseHeldSupervisors } from './hold.ts';
import { sweep } from './sweep.ts';

const expectNear = nearInTest();

const t = useTestCore();
// A sweep looks at every domain: one test's would show in the next one's numbers.
afterEach(async () => {
  await t.db.sql.query('DELETE FROM supervisors');
  await sweep(t.core);
});

const hostnames = (count: number) => Array.from({ length: count }, (_, i) => `host-${i}`);
const renew = (domain: TestDomain, count: number) =>
  Promise.all(hostnames(count).map((hostname) => publish(t, domain, { hostname })));

/**
 * A domain of `total` registered supervisors and some newcomers. The leases of all newcomers, and of all but the first
 * `alive` of the others, have run out, and nothing was swept yet.
 */
async function domainOf(
  total: number,
  alive: number,
  newcomers = 0,
): Promise<TestDomain & { ids: string[]; newcomerIds: string[] }> {
  const domain = newDomain();
  const published = await renew(domain, total + newcomers);
  const all = published.map(({ supervisor }) => supervisor.id);
  const [ids, newcomerIds] = [all.slice(0, total), all.slice(total)];
  for (const supervisorId of ids) await registerSupervisor(t.core, domain.operator, { supervisorId });
  t.advance(pastLeaseMs);
  await renew(domain, alive);
  return { ...domain, ids, newcomerIds };
}

async function statesOf(domain: TestDomain): Promise<Record<string, number>> {
  const rows = await t.db.prisma.supervisor.groupBy({
    by: ['state'],
    where: { domainId: domain.domainId },
    _count: true,
  });
  return Object.fromEntries(rows.map((row) => [row.state, row._count]));
}

const conditionsOf = (domain: TestDomain) => domainConditions(t.core, domain.viewer);
const expiredEvents = async (domain: TestDomain) =>
  (await eventsOf(t, domain)).filter((event) => event.includes('LEASE_EXPIRED'));

describe('L6: a domain is held', () => {
  test('from ten registered supervisors on', async () => {
    const [nine, ten] = [await domainOf(9, 0), await domainOf(10, 0)];
    const { disconnected, held } = await sweep(t.core);
    expect(new Set(disconnected)).toEqual(new Set(nine.ids));
    expect(held).toEqual([{ domainId: ten.domainId, expired: 10, total: 10 }]);
    expect(await statesOf(nine)).toEqual({ DISCONNECTED: 9 });
    expect(await statesOf(ten)).toEqual({ ENABLED: 10 });
    expect(await conditionsOf(nine)).toEqual([]);
  });

  test('above 55 %, and not at 55 % exactly', async () => {
    const exactly = await domainOf(20, 9);
    expect(await sweep(t.core)).toMatchObject({ held: [] });
    expect(await statesOf(exactly)).toMatchObject({ DISCONNECTED: 11 });
    const above = await domainOf(20, 8);
    // The first one's remaining nine of nine are too few to be held.
    expect(await sweep(t.core)).toMatchObject({ held: [{ domainId: above.domainId, expired: 12, total: 20 }] });
    expect(await statesOf(above)).toEqual({ ENABLED: 20 });
  });

  test('at no share that is exactly the configured one, whatever it is as a binary fraction', async () => {
    // 0.58 as a binary fraction, fifty times, is less than 29.
    const domain = await domainOf(50, 21);
    expect(await sweep({ ...t.core, settings: { ...t.core.settings, holdShare: 0.58 } })).toMatchObject({ held: [] });
    expect(await statesOf(domain)).toMatchObject({ DISCONNECTED: 29 });
  });

  test('by those whose lease counts: neither DISABLED ones nor ones that are DISCONNECTED already', async () => {
    const domain = await domainOf(12, 12);
    for (const supervisorId of domain.ids.slice(0, 3)) {
      await disableSupervisor(t.core, domain.operator, { supervisorId });
    }
    t.advance(pastLeaseMs);
    expect(await sweep(t.core)).toMatchObject({ held: [] });
    expect(await statesOf(domain)).toEqual({ DISABLED: 3, DISCONNECTED: 9 });
  });

  test('by its registered supervisors alone: newcomers neither fill it up nor tip it over', async () => {
    // 9 newcomers and 1 of 6 registered ones fall silent.
    const small = await domainOf(6, 5, 9);
    expect(await sweep(t.core)).toMatchObject({ held: [], disconnected: expect.arrayContaining(small.newcomerIds) });
    expect(await statesOf(small)).toEqual({ ENABLED: 5, DISCONNECTED: 10 });
    // 25 of 30 supervisors are silent, and 5 of the 10 registered ones.
    const large = await domainOf(10, 5, 20);
    expect(await sweep(t.core)).toMatchObject({ held: [] });
    expect(await statesOf(large)).toEqual({ ENABLED: 5, DISCONNECTED: 25 });
  });

  test('but for its newcomers, whose leases expire as anywhere', async () => {
    const domain = await domainOf(10, 0, 3);
    const { disconnected, held } = await sweep(t.core);
    expect(held).toEqual([{ domainId: domain.domainId, expired: 10, total: 10 }]);
    expect(new Set(disconnected)).toEqual(new Set(domain.newcomerIds));
    expect(await statesOf(domain)).toEqual({ ENABLED: 10, DISCONNECTED: 3 });
  });
});

test('L6: who is held keeps its state, is not connected, and its domain says so, since when', async () => {
  const domain = await domainOf(12, 2);
  const other = await domainOf(1, 0);
  await renew(domain, 2);
  const { disconnected } = await sweep(t.core);
  expect(disconnected).toEqual(other.ids);
  expect(await statesOf(domain)).toEqual({ ENABLED: 12 });
  const connected = await listSupervisors(t.core, domain.viewer, {
    filter: { connected: { eq: true } },
  });
  expect(new Set(connected.edges.map(({ node }) => node.id))).toEqual(new Set(domain.ids.slice(0, 2)));
  const [condition] = await conditionsOf(domain);
  expect(condition).toMatchObject({
    domainId: domain.domainId,
    type: 'LEASES_HELD',
    message:
      'the leases of 10 of 12 registered supervisors ran out together; they are not marked DISCONNECTED until fewer are missing, or an operator releases them',
  });
  expectNear(Number(condition?.since), Date.now() + t.core.clockOffsetMs());
  expect(await expiredEvents(domain)).toEqual([]);

  // Others' leases expire in the sweeps in which these are held.
  t.advance(60_000);
  await renew(domain, 4);
  await sweep(t.core);
  const [later, ...more] = await conditionsOf(domain);
  expect(more).toEqual([]);
  expect(later).toMatchObject({ since: condition?.since, message: expect.stringContaining('8 of 12') });

  // Enough come back: the rest are really gone.
  await renew(domain, 6);
  const { disconnected: rest, held } = await sweep(t.core);
  expect(held).toEqual([]);
  expect(new Set(rest)).toEqual(new Set(domain.ids.slice(6)));
  expect(await expiredEvents(domain)).toHaveLength(6);
  expect(await conditionsOf(domain)).toEqual([]);
});

test('L6: a domain whose supervisors all come back, or are deregistered, says nothing any longer', async () => {
  const [back, gone] = [await domainOf(10, 0), await domainOf(10, 0)];
  await sweep(t.core);
  expect(await domainConditions(t.core, back.admin)).toHaveLength(2);
  await renew(back, 10);
  for (const supervisorId of gone.ids) await deregisterSupervisor(t.core, gone.operator, { supervisorId });
  expect(await sweep(t.core)).toMatchObject({ disconnected: [], held: [] });
  expect(await domainConditions(t.core, back.admin)).toEqual([]);
});

describe('L6: an operator releases those who are held', () => {
  test('at once and in its own name, and no others', async () => {
    const [domain, stranger] = [await domainOf(10, 0), await domainOf(10, 0)];
    const single = await domainOf(1, 0);
    await renew(single, 1);
    await sweep(t.core);
    expect(await domainConditions(t.core, domain.admin)).toHaveLength(2);
    t.advance(pastLeaseMs);

    // `single` has expired too by now; it is for the next sweep to say so.
    const released = await releaseHeldSupervisors(t.core, domain.operator, {});
    expect(new Set(released)).toEqual(new Set(domain.ids));
    expect(await statesOf(domain)).toEqual({ DISCONNECTED: 10 });
    expect(await expiredEvents(domain)).toEqual([
      ...Array.from({ length: 10 }, () => expect.stringMatching(/>DISCONNECTED LEASE_EXPIRED by operator$/)),
    ]);
    expect(await conditionsOf(domain)).toEqual([]);
    expect(await conditionsOf(stranger)).toHaveLength(1);
    expect(await statesOf(stranger)).toEqual({ ENABLED: 10 });
    expect(await statesOf(single)).toEqual({ ENABLED: 1 });

    expect(await sweep(t.core)).toMatchObject({ disconnected: single.ids, held: [{ domainId: stranger.domainId }] });
    expect(await expiredEvents(single)).toEqual([
      'SUPERVISOR_STATE_CHANGED ENABLED>DISCONNECTED LEASE_EXPIRED by muster',
    ]);
    expect(await conditionsOf(stranger)).toHaveLength(1);
  });

  test('once: leases that run out together later are held again', async () => {
    const domain = await domainOf(10, 0);
    await sweep(t.core);
    await releaseHeldSupervisors(t.core, domain.operator, {});
    await renew(domain, 10);
    t.advance(pastLeaseMs);
    expect(await sweep(t.core)).toMatchObject({ disconnected: [], held: [{ expired: 10 }] });
    expect(await releaseHeldSupervisors(t.core, domain.operator, {})).toHaveLength(10);
    expect(await releaseHeldSupervisors(t.core, domain.operator, {})).toEqual([]);
  });

  test('and nobody else does (A1), nor in another domain (A2), but an ADMIN that names one', async () => {
    const [domain, stranger] = [await domainOf(10, 0), newDomain()];
    await sweep(t.core);
    for (const viewer of [domain.viewer, domain.agent]) {
      expect(await refusalOf(releaseHeldSupervisors(t.core, viewer, {}))).toMatchObject({ code: 'FORBIDDEN' });
    }
    const { domainId } = domain;
    expect(await refusalOf(releaseHeldSupervisors(t.core, stranger.operator, { domainId }))).toMatchObject({
      code: 'FORBIDDEN',
    });
    expect(await refusalOf(releaseHeldSupervisors(t.core, domain.admin, {}))).toMatchObject({
      code: 'BAD_USER_INPUT',
      details: { path: ['domainId'] },
    });
    expect(await releaseHeldSupervisors(t.core, stranger.operator, {})).toEqual([]);
    expect(await statesOf(domain)).toEqual({ ENABLED: 10 });
    expect(await releaseHeldSupervisors(t.core, domain.admin, { domainId })).toHaveLength(10);
  });
});

test('A2: conditions are told within their domain, and to an ADMIN', async () => {
  const [domain, stranger] = [await domainOf(10, 0), newDomain()];
  await sweep(t.core);
  expect(await conditionsOf(domain)).toHaveLength(1);
  expect(await conditionsOf(stranger)).toEqual([]);
  expect(await domainConditions(t.core, domain.admin)).toHaveLength(1);
  expect(await refusalOf(() => domainConditions(t.core, domain.agent))).toMatchObject({ code: 'FORBIDDEN' });
});

test('L4, L6: replicas that sweep at once note one condition, and mark nobody', async () => {
  const domain = await domainOf(10, 0);
  const sweeps = await Promise.all(Array.from({ length: 4 }, () => sweep(t.core)));
  expect(sweeps.flatMap(({ disconnected }) => disconnected)).toEqual([]);
  expect(await conditionsOf(domain)).toHaveLength(1);
  const released = await Promise.all(
    Array.from({ length: 3 }, () => releaseHeldSupervisors(t.core, domain.operator, {})),
  );
  expect(new Set(released.flat())).toEqual(new Set(domain.ids));
  expect(released.flat()).toHaveLength(10);
  const page = await listSupervisors(t.core, domain.viewer, { filter: { state: { eq: 'DISCONNECTED' } } });
  expect(page.edges).toHaveLength(10);
});
