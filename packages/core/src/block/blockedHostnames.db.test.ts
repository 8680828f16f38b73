import { describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  everythingOf,
  insertManagedPlugin,
  newDomain,
  publish,
  refusalOf,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import type { Viewer } from '../access/viewer.ts';
import { createEnrollmentKey } from '../apiKey/createEnrollmentKey.ts';
import { fetchAssignments, listAssignments, watchAssignments } from '../assignment/assignments.ts';
import { blockedHostnameOf, listEvents } from '../event/read.ts';
import { openStream } from '../event/stream.ts';
import { installPlugin } from '../placement/install.ts';
import { deregisterSupervisor } from '../supervisor/deregister.ts';
import { blockHostname, listBlockedHostnames, unblockHostname } from './blockedHostnames.ts';

const t = useTestCore();

const hostname = 'Host-1';
const blockedOf = async (domain: TestDomain) =>
  (await listBlockedHostnames(t.core, domain.operator, {})).edges.map(({ node }) => node.hostname);

/** Publishes and fetches, in each way that an agent has. */
function attempts(domain: TestDomain, viewer: Viewer = domain.agent): (() => Promise<unknown>)[] {
  return [
    () => publish(t, domain, { hostname }, viewer),
    () => publish(t, domain, { hostname: 'HOST-1' }, viewer),
    () => fetchAssignments(t.core, viewer, { hostname }),
    () => fetchAssignments(t.core, viewer, { hostname: 'host-1' }, { renews: false }),
    () => listAssignments(t.core, viewer, { hostname }),
    () => watchAssignments(t.core, viewer, { hostname }),
  ];
}

async function expectBlocked(domain: TestDomain, viewer?: Viewer): Promise<void> {
  for (const attempt of attempts(domain, viewer)) {
    const refusal = await refusalOf(attempt());
    expect(refusal.code).toBe('FORBIDDEN');
    expect(refusal.message).toMatch(/^hostname host-1 is blocked/i);
  }
}

describe('S5: a blocked hostname may neither publish nor fetch, and changes nothing by trying', () => {
  test('of a supervisor that lives, until it is unblocked', async () => {
    const domain = newDomain();
    await enabledSupervisor(t, domain, { hostname });
    await blockHostname(t.core, domain.operator, { hostname: 'hOST-1', note: 'sold' });
    const before = await everythingOf(t, domain);
    await expectBlocked(domain);
    expect(await everythingOf(t, domain)).toEqual(before);
    await unblockHostname(t.core, domain.operator, { hostname });
    for (const attempt of attempts(domain)) await attempt();
  });

  test('that was never seen, also by an enrollment key, which it uses up nothing of', async () => {
    const domain = newDomain();
    await blockHostname(t.core, domain.operator, { hostname });
    await expectBlocked(domain);
    const { token, apiKey } = await createEnrollmentKey(t.core, domain.operator, { name: 'key', maxNewcomers: 1 });
    const enrolling = await t.core.access.authenticate(token);
    expect((await refusalOf(publish(t, domain, { hostname }, enrolling))).code).toBe('FORBIDDEN');
    expect(await t.db.prisma.apiKey.findUnique({ where: { id: apiKey.id } })).toMatchObject({ newcomers: 0 });
    expect(await t.db.prisma.supervisor.count({ where: { domainId: domain.domainId } })).toBe(0);
    await unblockHostname(t.core, domain.operator, { hostname });
    expect((await publish(t, domain, { hostname }, enrolling)).supervisor.state).toBe('PENDING');
  });

  test('while other hosts in the same batch of reports go on', async () => {
    const domain = newDomain();
    await blockHostname(t.core, domain.operator, { hostname });
    const outcomes = await Promise.allSettled(
      [hostname, 'a', 'b'].map((name) => publish(t, domain, { hostname: name })),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });

  test('in its own domain alone', async () => {
    const [domain, other] = [newDomain(), newDomain()];
    await blockHostname(t.core, domain.operator, { hostname });
    expect((await publish(t, other, { hostname })).supervisor.state).toBe('PENDING');
    expect(await blockedOf(other)).toEqual([]);
    expect((await refusalOf(unblockHostname(t.core, other.operator, { hostname }))).code).toBe('NOT_FOUND');
  });

  test('also one that is deregistered with `block: true`, in the same step', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    await insertManagedPlugin(t, { id, domainId: domain.domainId });
    const input = { supervisorId: id, block: true };
    expect((await refusalOf(deregisterSupervisor(t.core, domain.operator, input))).code).toBe(
      'INSTALLED_PLUGIN_EXISTS',
    );
    expect(await blockedOf(domain)).toEqual([]);
    await deregisterSupervisor(t.core, domain.operator, { ...input, force: true });
    expect(await blockedOf(domain)).toEqual([hostname]);
    await expectBlocked(domain);
    await unblockHostname(t.core, domain.operator, { hostname });
    expect((await publish(t, domain, { hostname })).supervisor.state).toBe('PENDING');
  });

  test('an agent that watches its list is told no more of it', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const watch = await openStream(t.core, await watchAssignments(t.core, domain.agent, { hostname }));
    expect((await watch.next()).value).toMatchObject({ plugins: [] });
    await blockHostname(t.core, domain.operator, { hostname });
    await installPlugin(t.core, domain.operator, { pluginId: 'p', version: '1.0', supervisorId: id });
    expect((await refusalOf(watch.next())).code).toBe('FORBIDDEN');
  });

  test('an operator still reads its list', async () => {
    const domain = newDomain();
    await enabledSupervisor(t, domain, { hostname });
    await blockHostname(t.core, domain.operator, { hostname });
    expect(await listAssignments(t.core, domain.operator, { hostname })).toEqual([]);
  });
});

test('S5: a hostname is blocked once, whatever its case, and stays as it was; unblocking another is NOT_FOUND', async () => {
  const domain = newDomain();
  const first = await blockHostname(t.core, domain.operator, { hostname, note: 'first' });
  expect(await blockHostname(t.core, domain.admin, { hostname: 'HOST-1', domainId: domain.domainId })).toEqual(first);
  expect(first).toMatchObject({ hostname, note: 'first', blockedBy: domain.operator.subject });
  expect(await blockedOf(domain)).toEqual([hostname]);
  expect((await unblockHostname(t.core, domain.operator, { hostname: 'host-1' })).hostname).toBe(hostname);
  const refusal = await refusalOf(unblockHostname(t.core, domain.operator, { hostname }));
  expect(refusal).toMatchObject({ code: 'NOT_FOUND', message: 'no blocked hostname "Host-1"' });
});

test('blocked hostnames are read in pages, by hostname, and by ADMINs over all domains', async () => {
  const [domain, other] = [newDomain(), newDomain()];
  for (const name of ['c', 'A', 'b']) await blockHostname(t.core, domain.operator, { hostname: name });
  await blockHostname(t.core, other.operator, { hostname: 'a' });
  const first = await listBlockedHostnames(t.core, domain.operator, { first: 2 });
  expect(first.edges.map(({ node }) => node.hostname)).toEqual(['A', 'b']);
  expect(await first.totalCount()).toBe(3);
  const after = first.pageInfo.endCursor;
  const second = await listBlockedHostnames(t.core, domain.operator, { first: 2, after });
  expect(second.edges.map(({ node }) => node.hostname)).toEqual(['c']);
  const all = await listBlockedHostnames(t.core, domain.admin, { first: 100 });
  const mine = all.edges.filter(({ node }) => [domain.domainId, other.domainId].includes(node.domainId));
  expect(mine).toHaveLength(4);
});

test('S9, E1: blocking and unblocking are events, each once and with its actor, for operators alone', async () => {
  const domain = newDomain();
  await blockHostname(t.core, domain.operator, { hostname, note: 'sold' });
  await blockHostname(t.core, domain.operator, { hostname });
  await unblockHostname(t.core, domain.admin, { hostname, domainId: domain.domainId });
  const { edges } = await listEvents(t.core, domain.operator, {});
  expect(edges.map(({ node }) => [node.kind, node.actor, blockedHostnameOf(node)])).toEqual([
    ['HOSTNAME_BLOCKED', domain.operator.subject, hostname],
    ['HOSTNAME_UNBLOCKED', domain.admin.subject, hostname],
  ]);
  expect((await listEvents(t.core, domain.viewer, {})).edges).toEqual([]);
  const { supervisor } = await publish(t, domain, { hostname });
  await deregisterSupervisor(t.core, domain.operator, { supervisorId: supervisor.id, block: true });
  const kinds = (await listEvents(t.core, domain.operator, { last: 2 })).edges.map(({ node }) => node.kind);
  expect(kinds.sort()).toEqual(['HOSTNAME_BLOCKED', 'SUPERVISOR_DELETED']);
});
