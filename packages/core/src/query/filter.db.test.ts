import { beforeAll, describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  publish,
  refusalOf,
  useTestCore,
} from '../../testing/testCore.ts';
import { visibleTags } from '../access/visibility.ts';
import { listPlugins, pluginStats } from '../plugin/read.ts';
import { getSupervisorsOfPlugins, listSupervisors, pluginScope, supervisorStats } from '../supervisor/read.ts';
import { registerSupervisor } from '../supervisor/register.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import type { PluginFilter, SupervisorFilter } from './filter.ts';

const t = useTestCore();
const domain = newDomain();
const neighbour = newDomain();
const ids: Record<string, string> = {};
let middle: Date;

/**
 * In `domain`: alpha (ENABLED, two plugins), beta (ENABLED, one plugin), Gamma_100% (PENDING, none). In `neighbour`:
 * open (public, with a plugin of each domain) and closed.
 */
beforeAll(async () => {
  const alpha = await enabledSupervisor(t, domain, {
    hostname: 'alpha',
    labels: { region: 'eu', zones: ['a', 'b'], nested: { gpu: true } },
    tags: { owner: 'ops' },
  });
  const beta = await enabledSupervisor(t, domain, { hostname: 'beta', labels: { region: 'us' } });
  await updateSupervisor(t.core, domain.operator, { supervisorId: beta.id, priority: 5 });
  const gamma = await publish(t, domain, { hostname: 'Gamma_100%' });
  const open = await enabledSupervisor(t, neighbour, {
    hostname: 'open',
    tags: { secret: 'plan' },
    labels: { region: 'eu' },
  });
  await updateSupervisor(t.core, neighbour.admin, { supervisorId: open.id, isPublic: true });
  await enabledSupervisor(t, neighbour, { hostname: 'closed' });
  Object.assign(ids, { alpha: alpha.id, beta: beta.id, gamma: gamma.supervisor.id, open: open.id });

  await insertManagedPlugin(t, alpha, { pluginId: 'collector', version: '1.0', endpoint: 'grpc://a:1' });
  await insertManagedPlugin(t, alpha, {
    pluginId: 'webhook',
    version: '2.0',
    state: 'ERROR',
    reason: 'MISSING',
    generation: 3,
    wanted: false,
    attempt: 2,
  });
  await insertManagedPlugin(t, beta, { pluginId: 'collector', version: '1.1', managed: false, message: 'all is well' });
  await insertManagedPlugin(t, { id: open.id, domainId: domain.domainId }, { pluginId: 'guest', version: '1' });
  await insertManagedPlugin(t, open, { pluginId: 'resident', version: '1', state: 'ERROR', reason: 'MISSING' });
  const [row] = await t.db.sql.query<{ at: Date }>(
    `UPDATE supervisors SET created_at = created_at - interval '1 day' WHERE id = $1 RETURNING created_at + interval '12 h' AS at`,
    [alpha.id],
  );
  middle = row?.at ?? new Date();
});

async function supervisors(filter: SupervisorFilter, includePublic = false): Promise<string[]> {
  const page = await listSupervisors(t.core, domain.viewer, { filter, includePublic });
  expect(await page.totalCount()).toBe(page.edges.length);
  return page.edges.map(({ node }) => node.hostname).sort();
}

async function plugins(filter: PluginFilter): Promise<string[]> {
  const page = await listPlugins(t.core, domain.viewer, { filter });
  expect(await page.totalCount()).toBe(page.edges.length);
  return page.edges.map(({ node }) => node.pluginId + node.version).sort();
}

const all = ['Gamma_100%', 'alpha', 'beta'];

describe('supervisors are filtered by', () => {
  test.each<[SupervisorFilter, string[]]>([
    [{ name: { eq: 'alpha' } }, ['alpha']],
    [{ name: { ne: 'alpha' } }, ['Gamma_100%', 'beta']],
    [{ name: { in: ['alpha', 'beta', 'nobody'] } }, ['alpha', 'beta']],
    [{ name: { in: [] } }, []],
    [{ name: { notIn: ['alpha'] } }, ['Gamma_100%', 'beta']],
    [{ name: { notIn: [] } }, all],
    [{ hostname: { contains: 'a' } }, all],
    [{ hostname: { contains: '_' } }, ['Gamma_100%']],
    [{ hostname: { contains: '%' } }, ['Gamma_100%']],
    [{ hostname: { startsWith: 'gamma' } }, []],
    [{ hostname: { startsWith: 'gamma', insensitive: true } }, ['Gamma_100%']],
    [{ hostname: { in: ['ALPHA'], insensitive: true } }, ['alpha']],
    [{ hostname: { notIn: ['ALPHA'], insensitive: true } }, ['Gamma_100%', 'beta']],
    [{ hostname: { endsWith: 'ta' } }, ['beta']],
    [{ state: { eq: 'ENABLED' } }, ['alpha', 'beta']],
    [{ state: { ne: 'ENABLED' } }, ['Gamma_100%']],
    [{ state: { in: ['PENDING', 'DISABLED'] } }, ['Gamma_100%']],
    [{ state: { notIn: ['PENDING', 'DISABLED'] } }, ['alpha', 'beta']],
    [{ state: { eq: 'NONE' } }, all],
    [{ isPublic: { eq: false } }, all],
    [{ isPublic: { ne: false } }, []],
    [{ priority: { gt: 0 } }, ['beta']],
    [{ priority: { gte: 0, lt: 5 } }, ['Gamma_100%', 'alpha']],
    [{ priority: { lte: 5 } }, all],
    [{ priority: { in: [5, 6] } }, ['beta']],
    [{ priority: { notIn: [5, 6] } }, ['Gamma_100%', 'alpha']],
    [{ registeredAt: { isNull: true } }, ['Gamma_100%']],
    [{ registeredAt: { isNull: false } }, ['alpha', 'beta']],
    [{ registeredAt: { lt: new Date('2000-01-01') } }, []],
    [{ labels: { contains: { region: 'eu' } } }, ['alpha']],
    [{ labels: { contains: { zones: ['b'], nested: {} } } }, ['alpha']],
    [{ labels: { contains: {} } }, all],
    [{ labels: { hasKey: 'region' } }, ['alpha', 'beta']],
    [{ tags: { contains: { owner: 'ops' } } }, ['alpha']],
    [{ and: [{ labels: { hasKey: 'region' } }, { priority: { eq: 0 } }] }, ['alpha']],
    [{ or: [{ name: { eq: 'beta' } }, { state: { eq: 'PENDING' } }] }, ['Gamma_100%', 'beta']],
    [{ or: [] }, []],
    [{ not: { or: [{ name: { eq: 'beta' } }, { not: { priority: { eq: 0 } } }] } }, ['Gamma_100%', 'alpha']],
    [{ plugins: { some: { state: { eq: 'ERROR' } } } }, ['alpha']],
    [{ plugins: { none: { pluginId: { eq: 'webhook' } } } }, ['Gamma_100%', 'beta']],
    [{ plugins: { every: { pluginId: { eq: 'collector' } } } }, ['Gamma_100%', 'beta']],
    [{ plugins: { some: {}, every: { managed: { eq: true } } } }, ['alpha']],
    [{ plugins: { some: { supervisor: { priority: { eq: 5 } } } } }, ['beta']],
    [{ domainId: { ne: domain.domainId } }, []],
  ])('%j', async (filter, expected) => {
    expect(await supervisors(filter)).toEqual(expected);
  });

  test('when they were created', async () => {
    expect(await supervisors({ createdAt: { lt: middle } })).toEqual(['alpha']);
    expect(await supervisors({ createdAt: { gte: middle } })).toEqual(['Gamma_100%', 'beta']);
  });
});

test('P4: plugins are filtered by whether they are wanted', async () => {
  expect(await plugins({ wanted: { eq: false } })).toEqual(['webhook2.0']);
  expect(await plugins({ wanted: { eq: true } })).toEqual(['collector1.0', 'collector1.1', 'guest1']);
});

describe('plugins are filtered by', () => {
  test.each<[PluginFilter, string[]]>([
    [{}, ['collector1.0', 'collector1.1', 'guest1', 'webhook2.0']],
    [{ pluginId: { startsWith: 'coll' }, version: { ne: '1.1' } }, ['collector1.0']],
    [{ state: { in: ['ERROR', 'RE_PROVISIONING'] } }, ['webhook2.0']],
    [{ managed: { eq: false } }, ['collector1.1']],
    [{ attempt: { gt: 1 } }, ['webhook2.0']],
    [{ endpoint: { isNull: false } }, ['collector1.0']],
    [{ endpoint: { ne: 'grpc://a:1' } }, ['collector1.1', 'guest1', 'webhook2.0']],
    [{ endpoint: { contains: '' } }, ['collector1.0']],
    [{ not: { endpoint: { contains: 'b' } } }, ['collector1.0', 'collector1.1', 'guest1', 'webhook2.0']],
    [{ generation: { gt: 1 } }, ['webhook2.0']],
    [{ observedGeneration: { eq: 0 } }, ['collector1.0', 'collector1.1', 'guest1', 'webhook2.0']],
    [{ reason: { isNull: true } }, ['collector1.0', 'collector1.1', 'guest1']],
    [{ reason: { notIn: ['OTHER'] } }, ['collector1.0', 'collector1.1', 'guest1', 'webhook2.0']],
    [{ message: { contains: 'IS', insensitive: true } }, ['collector1.1']],
    [{ supervisor: { hostname: { eq: 'beta' } } }, ['collector1.1']],
    [{ supervisor: { isPublic: { eq: true } } }, ['guest1']],
    [{ not: { supervisor: { labels: { contains: { region: 'eu' } } } } }, ['collector1.1']],
  ])('%j', async (filter, expected) => {
    expect(await plugins(filter)).toEqual(expected);
  });
});

describe('A6: public supervisors of other domains', () => {
  test('are there only when asked for, and private ones never', async () => {
    expect(await supervisors({}, false)).toEqual(all);
    expect(await supervisors({}, true)).toEqual([...all, 'open']);
  });

  test.each<SupervisorFilter>([
    { tags: { contains: { secret: 'plan' } } },
    { tags: { hasKey: 'secret' } },
    { plugins: { some: { pluginId: { eq: 'resident' } } } },
    { plugins: { some: { state: { eq: 'ERROR' }, pluginId: { ne: 'webhook' } } } },
    { plugins: { some: { supervisor: { tags: { hasKey: 'secret' } } } } },
  ])('a filter finds nothing by what is hidden of them: %j', async (filter) => {
    expect(await supervisors({ ...filter, hostname: { eq: 'open' } }, true)).toEqual([]);
    expect(await supervisors({ not: filter, hostname: { eq: 'open' } }, true)).toEqual(['open']);
  });

  test('count as having the viewer’s own plugins only', async () => {
    const own = { hostname: { eq: 'open' }, plugins: { every: { pluginId: { eq: 'guest' } } } };
    expect(await supervisors(own, true)).toEqual(['open']);
    expect(
      await supervisors({ hostname: { eq: 'open' }, plugins: { none: { pluginId: { eq: 'resident' } } } }, true),
    ).toEqual(['open']);
  });

  test('a plugin’s filter tells nothing of its foreign supervisor’s tags either', async () => {
    expect(await plugins({ supervisor: { tags: { hasKey: 'secret' } } })).toEqual([]);
    expect(await plugins({ supervisor: { labels: { hasKey: 'region' } }, pluginId: { eq: 'guest' } })).toEqual([
      'guest1',
    ]);
  });

  test('their own domain filters by all of it', async () => {
    const filter = { tags: { hasKey: 'secret' }, plugins: { some: { pluginId: { eq: 'resident' } } } };
    const page = await listSupervisors(t.core, neighbour.viewer, { filter });
    expect(page.edges.map(({ node }) => node.hostname)).toEqual(['open']);
  });

  test('no sum counts them', async () => {
    expect(await supervisorStats(t.core, domain.viewer, { groupBy: ['IS_PUBLIC'] })).toEqual([
      { count: 3, isPublic: false },
    ]);
  });

  test('their tags are shown to their own domain and to an ADMIN', async () => {
    const [open] = (await getSupervisorsOfPlugins(t.core, [ids.open ?? ''])).values();
    if (!open) throw new Error('expected the supervisor');
    expect(visibleTags(domain.viewer, open)).toEqual({});
    expect(visibleTags(neighbour.viewer, open)).toEqual({ secret: 'plan' });
    expect(visibleTags(domain.admin, open)).toEqual({ secret: 'plan' });
    expect(pluginScope(domain.agent)).toEqual({ domainId: domain.domainId });
  });
});

describe('a keyword', () => {
  const named = async (keyword: string) =>
    (await listSupervisors(t.core, domain.viewer, { keyword })).edges.map(({ node }) => node.hostname).sort();

  test('finds any of its words in id, name or hostname, in either case', async () => {
    expect(await named('LPH  gamma')).toEqual(['Gamma_100%', 'alpha']);
    expect(await named('100%')).toEqual(['Gamma_100%']);
    expect(await named(' ')).toEqual(all);
    expect(await named(ids.beta?.slice(-6).toUpperCase() ?? '')).toEqual(['beta']);
    expect(await named('nobody')).toEqual([]);
  });

  test('finds plugins by plugin id, supervisor id and the supervisor’s hostname', async () => {
    const found = async (keyword: string) =>
      (await listPlugins(t.core, domain.viewer, { keyword })).edges
        .map(({ node }) => node.pluginId + node.version)
        .sort();
    expect(await found('WEB')).toEqual(['webhook2.0']);
    expect(await found('beta')).toEqual(['collector1.1']);
    expect(await found(ids.alpha ?? '')).toEqual(['collector1.0', 'webhook2.0']);
  });
});

describe('counts by group', () => {
  test('are greatest first, and hold what was grouped by', async () => {
    expect(await supervisorStats(t.core, domain.viewer, { groupBy: ['STATE'] })).toEqual([
      { count: 2, state: 'ENABLED' },
      { count: 1, state: 'PENDING' },
    ]);
    expect(await pluginStats(t.core, domain.viewer, { groupBy: ['PLUGIN_ID', 'MANAGED', 'PLUGIN_ID'] })).toEqual([
      { count: 1, pluginId: 'collector', managed: false },
      { count: 1, pluginId: 'collector', managed: true },
      { count: 1, pluginId: 'guest', managed: true },
      { count: 1, pluginId: 'webhook', managed: true },
    ]);
    expect(await pluginStats(t.core, domain.viewer, { groupBy: ['STATE', 'VERSION', 'SUPERVISOR_ID'] })).toHaveLength(
      4,
    );
  });

  test('are of what the filter lets through', async () => {
    const filter = { plugins: { some: { state: { eq: 'ERROR' as const } } } };
    expect(await supervisorStats(t.core, domain.viewer, { groupBy: ['DOMAIN_ID'], filter })).toEqual([
      { count: 1, domainId: domain.domainId },
    ]);
    expect(
      await pluginStats(t.core, domain.viewer, {
        groupBy: ['STATE'],
        filter: { supervisor: { name: { eq: 'beta' } } },
      }),
    ).toEqual([{ count: 1, state: 'ACTIVE' }]);
  });

  test('by label make a group of each key and value, and one of those without', async () => {
    const stats = await supervisorStats(t.core, domain.viewer, { groupBy: ['LABEL'] });
    const byLabel = new Map(stats.map(({ label, count }) => [label, count]));
    expect(byLabel.get('region=eu')).toBe(1);
    expect(byLabel.get('zones=["a", "b"]')).toBe(1);
    expect(byLabel.get(null)).toBe(1);
    const regions = await supervisorStats(t.core, domain.viewer, { groupBy: ['LABEL', 'STATE'], labelKey: 'region' });
    expect(regions).toHaveLength(3);
    expect(regions).toContainEqual({ count: 1, label: 'region=us', state: 'ENABLED' });
    expect(regions).toContainEqual({ count: 1, label: null, state: 'PENDING' });
  });

  test('tell a label whose value is null from no label', async () => {
    const other = newDomain();
    await publish(t, other, { hostname: 'with', labels: { region: null } });
    await publish(t, other, { hostname: 'without' });
    expect(await supervisorStats(t.core, other.viewer, { groupBy: ['LABEL'], labelKey: 'region' })).toEqual([
      { count: 1, label: 'region=null' },
      { count: 1, label: null },
    ]);
  });

  test('need something to group by, and a label only where labels are', async () => {
    const stats = (groupBy: ('STATE' | 'LABEL')[], labelKey?: string) =>
      refusalOf(supervisorStats(t.core, domain.viewer, { groupBy, labelKey }));
    expect(await stats([])).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['groupBy'] } });
    expect(await stats(['STATE'], 'region')).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['labelKey'] } });
    expect(await stats(['LABEL'], '\0')).toMatchObject({ code: 'BAD_USER_INPUT', details: { path: ['labelKey'] } });
  });
});

test('a deregistered supervisor that plugins’ events name is shown as it last was', async () => {
  const other = newDomain();
  const supervisor = await publish(t, other, { hostname: 'gone' });
  await registerSupervisor(t.core, other.operator, { supervisorId: supervisor.supervisor.id, name: 'as it was' });
  await t.db.sql.query('DELETE FROM supervisors WHERE id = $1', [supervisor.supervisor.id]);
  const found = await getSupervisorsOfPlugins(t.core, [supervisor.supervisor.id, 'supervisor-000000000000']);
  expect([...found.values()]).toMatchObject([{ name: 'as it was', state: 'ENABLED' }]);
});
