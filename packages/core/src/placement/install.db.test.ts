import { beforeEach, describe, expect, test } from 'vitest';
import { tick } from '../../testing/agent.ts';
import {
  enabledSupervisor,
  eventsOf,
  insertManagedPlugin,
  newDomain,
  publish,
  refusalOf,
  reportPlugin,
  supervisorIn,
  type TestDomain,
  useTestCore,
} from '../../testing/testCore.ts';
import { newSupervisorId } from '../base/ids.ts';
import {
  cordonSupervisor,
  explainPlacement,
  installPlugin,
  listAssignments,
  registerSupervisor,
  uncordonSupervisor,
  uninstallPlugin,
  updateSupervisor,
} from '../index.ts';
import type { PlacementRequest } from './placementRequest.ts';

const t = useTestCore();
let domain: TestDomain;

beforeEach(() => {
  domain = newDomain();
});

const identity = { pluginId: 'collector', version: '1.0' };
const install = (input: Partial<PlacementRequest> = {}, viewer = domain.operator) =>
  installPlugin(t.core, viewer, { ...identity, ...input });
const enabled = (hostname: string, input = {}) => enabledSupervisor(t, domain, { hostname, ...input });
const explained = async (request: PlacementRequest) =>
  (await explainPlacement(t.core, domain.viewer, request)).edges.map(({ node }) => node);
const rowOf = (id: string) => t.db.prisma.plugin.findUnique({ where: { id } });

describe('P1: install', () => {
  test('makes a plugin that is managed, PROVISIONING, of generation 1, with a deadline', async () => {
    const { id } = await enabled('a');
    const { plugin, changed } = await install();
    expect(changed).toBe(true);
    expect(plugin).toMatchObject({ ...identity, supervisorId: id, state: 'PROVISIONING', managed: true, wanted: true });
    expect(plugin).toMatchObject({ generation: 1, observedGeneration: 0, deadlineAt: expect.any(Date) });
    expect((await eventsOf(t, domain)).at(-1)).toBe('PLUGIN_CREATED NONE>PROVISIONING - by operator');
  });

  test('returns what is there already, unchanged, and writes no event', async () => {
    await enabled('a');
    await enabled('b');
    const { plugin } = await install();
    const before = await eventsOf(t, domain);
    expect(await install()).toEqual({ plugin, changed: false });
    expect(await install({ supervisorId: plugin.supervisorId })).toEqual({ plugin, changed: false });
    expect(await eventsOf(t, domain)).toEqual(before);
  });

  test('places a plugin once, however many ask at the same time', async () => {
    await enabled('a');
    await enabled('b');
    const placed = await Promise.all(Array.from({ length: 8 }, () => install()));
    expect(new Set(placed.map(({ plugin }) => plugin.id)).size).toBe(1);
    expect(placed.filter(({ changed }) => changed)).toHaveLength(1);
  });

  test('takes over what a supervisor runs on its own', async () => {
    await enabled('a', { plugins: [{ ...identity, state: 'ACTIVE', endpoint: 'grpc://a:1' }] });
    await enabled('b');
    const { plugin } = await install();
    expect(plugin).toMatchObject({ managed: true, state: 'ACTIVE', generation: 1, endpoint: 'grpc://a:1' });
  });

  test('wishes anew for what is being uninstalled, so that no report about what is removed counts (P3)', async () => {
    await enabled('a');
    await install();
    await tick(t, domain, 'a');
    await uninstallPlugin(t.core, domain.operator, identity);
    const { plugin } = await install();
    expect(plugin).toMatchObject({ state: 'RE_PROVISIONING', generation: 2, wanted: true });
    await reportPlugin(t, domain, 'a', { endpoint: 'grpc://a:1', observedGeneration: 1 });
    expect(await rowOf(plugin.id)).toMatchObject({ state: 'RE_PROVISIONING' });
    await tick(t, domain, 'a');
    expect(await rowOf(plugin.id)).toMatchObject({ state: 'ACTIVE', observedGeneration: 2 });
  });

  test('is for an OPERATOR (A1)', async () => {
    expect(await refusalOf(install({}, domain.viewer))).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('M1, M2: a plugin goes', () => {
  test('to an ENABLED supervisor of the domain, or a public one, with the labels asked for', async () => {
    await enabled('a', { labels: { env: 'test' } });
    const b = await enabled('b', { labels: { env: 'prod', zone: 1 } });
    expect((await install({ labels: { env: 'prod' } })).plugin.supervisorId).toBe(b.id);
    const other = newDomain();
    const { supervisor } = await publish(t, other, { hostname: 'public' });
    await registerSupervisor(t.core, other.admin, { supervisorId: supervisor.id, isPublic: true, priority: 9 });
    const labels = { zone: 2 };
    await updateSupervisor(t.core, other.operator, { supervisorId: supervisor.id, labels });
    const { plugin } = await install({ pluginId: 'webhook', labels });
    expect(plugin).toMatchObject({ supervisorId: supervisor.id, domainId: domain.domainId });
    await updateSupervisor(t.core, other.operator, { supervisorId: supervisor.id, isPublic: false });
  });

  test('to the own domain, whatever priority a public supervisor of another gives itself', async () => {
    const own = await enabled('a', { plugins: [{ pluginId: 'other', version: '1.0', state: 'ACTIVE' }] });
    const other = newDomain();
    const { supervisor } = await publish(t, other, { hostname: 'public' });
    const target = { supervisorId: supervisor.id };
    await registerSupervisor(t.core, other.admin, { ...target, isPublic: true, priority: 1_000 });
    expect((await install()).plugin.supervisorId).toBe(own.id);
    await cordonSupervisor(t.core, domain.operator, { supervisorId: own.id });
    expect(await refusalOf(install({ pluginId: 'webhook', allowPublic: false }))).toMatchObject({
      code: 'NO_POSSIBLE_SUPERVISOR',
      details: { considered: [{ supervisorId: own.id, rule: 'CORDONED' }] },
    });
    const away = await install({ pluginId: 'webhook' });
    expect(away.plugin).toMatchObject({ supervisorId: supervisor.id, allowPublic: true });
    await uncordonSupervisor(t.core, domain.operator, { supervisorId: own.id });
    const home = await install({ pluginId: 'webhook', allowPublic: false });
    expect(home).toMatchObject({ changed: true, plugin: { supervisorId: own.id, allowPublic: false } });
    await updateSupervisor(t.core, other.operator, { ...target, isPublic: false });
  });

  test('among public supervisors by the plugins that the asker may see: other tenants’ don’t count', async () => {
    const other = newDomain();
    const busy = await publish(t, other, { hostname: 'busy', labels: { shared: true } });
    const idle = await publish(t, other, { hostname: 'idle', labels: { shared: true } });
    for (const { supervisor } of [busy, idle]) {
      await registerSupervisor(t.core, other.admin, { supervisorId: supervisor.id, isPublic: true });
    }
    for (let i = 0; i < 3; i++) await insertManagedPlugin(t, busy.supervisor, { pluginId: `theirs-${i}` });
    const request = { ...identity, labels: { shared: true } };
    const counts = async () =>
      new Map((await explained(request)).map(({ candidate }) => [candidate.id, candidate.pluginCount]));
    expect([...(await counts()).values()]).toEqual([0, 0]);
    await install({ pluginId: 'mine', supervisorId: idle.supervisor.id });
    expect((await counts()).get(idle.supervisor.id)).toBe(1);
    expect((await install({ labels: { shared: true } })).plugin.supervisorId).toBe(busy.supervisor.id);
    for (const { supervisor } of [busy, idle]) {
      await updateSupervisor(t.core, other.operator, { supervisorId: supervisor.id, isPublic: false });
    }
  });

  test('where supervisorId says, whatever the order', async () => {
    await enabled('a');
    const { id } = await enabled('b', { plugins: [{ pluginId: 'other', version: '1.0', state: 'ACTIVE' }] });
    expect((await install({ supervisorId: id })).plugin.supervisorId).toBe(id);
    expect((await install({ supervisorId: id })).changed).toBe(false);
  });

  test('nowhere that is not known: another domain’s supervisor is NOT_FOUND (A3)', async () => {
    const { id } = await enabled('a');
    domain = newDomain();
    expect(await refusalOf(install({ supervisorId: id }))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

test('M3: where nobody can take it, the error says why of each that was considered, as explainPlacement does', async () => {
  const ids = {
    pending: await supervisorIn(t, domain, 'PENDING', 'pending'),
    disabled: await supervisorIn(t, domain, 'DISABLED', 'disabled'),
    cordoned: (await enabled('cordoned')).id,
    labels: (await enabled('labels')).id,
  };
  await cordonSupervisor(t.core, domain.operator, { supervisorId: ids.cordoned });
  const labels = { env: 'prod' };
  const { code, details } = await refusalOf(install({ labels }));
  const told = (details.considered as { supervisorId: string; rule: string }[]).map(
    ({ supervisorId, rule }): [string, string] => [supervisorId, rule],
  );
  expect(code).toBe('NO_POSSIBLE_SUPERVISOR');
  expect(new Map(told)).toEqual(
    new Map([
      [ids.pending, 'NOT_ENABLED'],
      [ids.disabled, 'NOT_ENABLED'],
      [ids.cordoned, 'CORDONED'],
      [ids.labels, 'LABELS'],
    ]),
  );
  const explanations = await explained({ ...identity, labels });
  expect(explanations.map(({ candidate, rejectedBy }) => [candidate.id, rejectedBy])).toEqual(told);
  expect((await explained(identity))[0]).toMatchObject({
    candidate: { id: ids.labels },
    rank: 1,
  });
});

test('M3: the error says which labels a supervisor lacks, and no label where another rule rejects it', async () => {
  await enabled('a', { labels: { env: 'test', zone: { name: 'eu', id: 1 }, more: true } });
  const cordoned = await enabled('b');
  await cordonSupervisor(t.core, domain.operator, { supervisorId: cordoned.id });
  const labels = { env: 'prod', zone: { id: 1 }, disk: ['ssd'] };
  const { details } = await refusalOf(install({ labels }));
  // In the order of ids, which are random.
  const considered = [...(details.considered as { name: string }[])].sort((a, b) => (a.name < b.name ? -1 : 1));
  expect(considered).toMatchObject([
    { name: 'a', rule: 'LABELS', lackingLabels: { env: 'prod', disk: ['ssd'] } },
    { name: 'b', rule: 'CORDONED', lackingLabels: null },
  ]);
});

describe('P4: uninstall', () => {
  test('takes the plugin off the list; the row goes when a report no longer has it', async () => {
    await enabled('a');
    const { plugin } = await install();
    await tick(t, domain, 'a');
    const withdrawn = await uninstallPlugin(t.core, domain.operator, identity);
    expect(withdrawn).toMatchObject([
      { changed: true, plugin: { id: plugin.id, wanted: false, reason: 'UNINSTALLED' } },
    ]);
    expect(await uninstallPlugin(t.core, domain.operator, identity)).toMatchObject([{ changed: false }]);
    expect(await listAssignments(t.core, domain.agent, { hostname: 'a' })).toEqual([]);
    await reportPlugin(t, domain, 'a', {});
    expect(await rowOf(plugin.id)).not.toBeNull();
    await tick(t, domain, 'a');
    expect(await rowOf(plugin.id)).toBeNull();
    expect((await eventsOf(t, domain)).at(-1)).toBe('PLUGIN_DELETED ACTIVE>NONE UNINSTALLED by supervisor');
    expect(await refusalOf(uninstallPlugin(t.core, domain.operator, identity))).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('is NOT_FOUND for an unknown plugin, version or supervisor, and another domain’s are unknown (P2, A3)', async () => {
    const { id: supervisorId } = await enabled('a');
    await install();
    const stranger = newDomain();
    const refused = async (input: object, viewer = domain.operator) => {
      const { code, message } = await refusalOf(uninstallPlugin(t.core, viewer, { ...identity, ...input }));
      return `${code}: ${message}`;
    };
    expect(await refused({ pluginId: 'other' })).toBe('NOT_FOUND: no plugin other 1.0');
    expect(await refused({ version: '9' })).toBe('NOT_FOUND: no plugin collector 9');
    const unknown = newSupervisorId();
    expect(await refused({ supervisorId: unknown })).toBe(
      `NOT_FOUND: no plugin collector 1.0 on supervisor ${unknown}`,
    );
    expect(await refused({ supervisorId }, stranger.operator)).toBe(
      `NOT_FOUND: no plugin collector 1.0 on supervisor ${supervisorId}`,
    );
    expect(await refused({}, stranger.operator)).toBe('NOT_FOUND: no plugin collector 1.0');
  });

  test('is of one supervisor’s, where it names one', async () => {
    const [a, b] = [await enabled('a'), await enabled('b')];
    for (const { id } of [a, b]) await install({ supervisorId: id });
    await uninstallPlugin(t.core, domain.operator, { ...identity, supervisorId: a.id });
    const left = await t.db.prisma.plugin.findMany({ where: { domainId: domain.domainId, wanted: true } });
    expect(left.map(({ supervisorId }) => supervisorId)).toEqual([b.id]);
  });
});
