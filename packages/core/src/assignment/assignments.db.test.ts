import { beforeEach, expect, test } from 'vitest';
import {
  enabledSupervisor,
  eventsOf,
  insertManagedPlugin,
  newDomain,
  pastLeaseMs,
  publish,
  refusalOf,
  reportPlugin,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { fetchAssignments } from '../index.ts';
import { sweep } from '../sweep/sweep.ts';

const harness = useTestCore({ settings: { limits: { pageSize: 1 } } });
let domain: TestDomain;

beforeEach(() => {
  domain = newDomain();
});

const offer = (viewer = domain.agent) => fetchAssignments(harness.core, viewer, { hostname: 'a' });
const connected = async (id: string) =>
  (await harness.db.prisma.supervisor.findUniqueOrThrow({ where: { id } })).connected;
const stateOf = async (id: string) => (await harness.db.prisma.supervisor.findUniqueOrThrow({ where: { id } })).state;

test("an agent's own list is whole, whatever a page's size, with other domains' plugins and without what is no longer wanted (P4)", async () => {
  const supervisor = await enabledSupervisor(harness, domain, { hostname: 'a' });
  await reportPlugin(harness, domain, 'a', { pluginId: 'b' });
  await insertManagedPlugin(harness, supervisor, { pluginId: 'a', domainId: newDomain().domainId });
  await insertManagedPlugin(harness, supervisor, { pluginId: 'c', wanted: false });
  expect((await offer()).map(({ pluginId }) => pluginId)).toEqual(['a', 'b']);
});

test('an unknown hostname gets an empty list, or a new agent could never publish; nothing comes to be', async () => {
  expect(await offer()).toEqual([]);
  expect(await harness.db.prisma.supervisor.count({ where: { domainId: domain.domainId } })).toBe(0);
});

test('being asked for the list renews the lease, and writes no event (L1, L2)', async () => {
  const { supervisor } = await publish(harness, domain, { hostname: 'a' });
  const before = await eventsOf(harness, domain);
  harness.advance(pastLeaseMs / 2);
  await offer();
  harness.advance(pastLeaseMs / 2 + 1_000);
  await sweep(harness.core);
  expect(await connected(supervisor.id)).toBe(true);
  expect(await eventsOf(harness, domain)).toEqual(before);
});

test('an agent that lists but can not publish yet is back, as if it had published', async () => {
  const registered = await enabledSupervisor(harness, domain, { hostname: 'a' });
  const { supervisor: newcomer } = await publish(harness, domain, { hostname: 'b' });
  harness.advance(pastLeaseMs);
  await sweep(harness.core);
  expect([await stateOf(registered.id), await stateOf(newcomer.id)]).toEqual(['DISCONNECTED', 'DISCONNECTED']);
  await offer();
  await fetchAssignments(harness.core, domain.agent, { hostname: 'b' });
  expect([await stateOf(registered.id), await stateOf(newcomer.id)]).toEqual(['ENABLED', 'PENDING']);
  expect((await eventsOf(harness, domain)).slice(-2)).toEqual([
    'SUPERVISOR_STATE_CHANGED DISCONNECTED>ENABLED PUBLISHED by supervisor',
    'SUPERVISOR_STATE_CHANGED DISCONNECTED>PENDING PUBLISHED by supervisor',
  ]);
});

test('the list is for those who may publish (A1)', async () => {
  expect(await refusalOf(offer(domain.operator))).toMatchObject({ code: 'FORBIDDEN' });
});
