import { beforeAll, describe, expect, test } from 'vitest';
import {
  enabledSupervisor,
  insertManagedPlugin,
  newDomain,
  publish,
  refusalOf,
  useTestCore,
} from '../../testing/testCore.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import { type SearchResults, searchPlugins, searchSupervisors } from './list.ts';

const t = useTestCore({ settings: { limits: { wirePageSize: 3 } } });
const domain = newDomain();
const neighbour = newDomain();
const ids: Record<string, string> = {};

/** alpha (two plugins), beta (one), Gamma_100% (PENDING); next door a public supervisor with a plugin of `domain`. */
beforeAll(async () => {
  const labels = { env: 'prod', zones: ['a', 'b'], nested: { gpu: true, count: 2 } };
  const alpha = await enabledSupervisor(t, domain, { hostname: 'alpha', labels, tags: { team: 'ops' } });
  const beta = await enabledSupervisor(t, domain, { hostname: 'beta', labels: { env: 'dev' } });
  await updateSupervisor(t.core, domain.operator, { supervisorId: beta.id, priority: 5 });
  await publish(t, domain, { hostname: 'Gamma_100%' });
  const open = await enabledSupervisor(t, neighbour, {
    hostname: 'open',
    tags: { team: 'secret' },
    labels: { env: 'x' },
  });
  await updateSupervisor(t.core, neighbour.admin, { supervisorId: open.id, isPublic: true });
  Object.assign(ids, { alpha: alpha.id, beta: beta.id, open: open.id });
  const endpoints = ['grpc://a:1', 'grpc://b:1'];
  await insertManagedPlugin(t, alpha, { endpoint: 'grpc://a:1', endpoints });
  await insertManagedPlugin(t, alpha, { pluginId: 'webhook', state: 'ERROR' });
  await insertManagedPlugin(t, beta, { pluginId: 'mailer' });
  await insertManagedPlugin(t, { id: open.id, domainId: domain.domainId }, { pluginId: 'guest' });
  await insertManagedPlugin(t, open, { pluginId: 'stranger' });
});

const supervisors = (query: object, request: object = {}) =>
  searchSupervisors(t.core, domain.viewer, { query, ...request });
const plugins = (query: object, request: object = {}) => searchPlugins(t.core, domain.viewer, { query, ...request });
const of = (name: string) => (found: SearchResults) => found.results.map((row) => row[name]);
const names = of('name');
const pluginIds = of('plugin_id');

describe('Query', () => {
  test('filter is ANDed, filter_or ORed, and the two ANDed', async () => {
    const isAlpha = { k: 'name', v: 'alpha', o: 'eq' };
    const isBeta = { key: 'name', value: 'beta', operator: 'eq' };
    expect(names(await supervisors({ filter: [isAlpha, isBeta] }))).toEqual([]);
    expect(names(await supervisors({ filter_or: [isAlpha, isBeta] }))).toEqual(['alpha', 'beta']);
    expect(names(await supervisors({ filter: [isBeta], filter_or: [isAlpha, isBeta] }))).toEqual(['beta']);
  });

  test('fields beside the query are ANDed: one value is equal, a list has it', async () => {
    expect(names(await supervisors({}, { name: 'alpha' }))).toEqual(['alpha']);
    expect(names(await supervisors({}, { name: ['alpha', 'beta'], is_public: false }))).toEqual(['alpha', 'beta']);
    expect(names(await supervisors({}, { supervisor_id: [ids.beta], hostname: 'beta' }))).toEqual(['beta']);
    expect(names(await supervisors({}, { domain_id: [domain.domainId], is_public: true }))).toEqual([]);
    expect(pluginIds(await plugins({}, { hostname: 'alpha', state: 'ERROR' }))).toEqual(['webhook']);
    expect(pluginIds(await plugins({}, { endpoint: 'grpc://a:1', plugin_id: ['collector'], version: '1.0' }))).toEqual([
      'collector',
    ]);
  });

  test('the state NONE, empty text and null beside the query say nothing', async () => {
    const { totalCount } = await plugins({}, { state: 'NONE', hostname: '', plugin_id: null });
    expect(totalCount).toBe(4);
    expect((await plugins({ filter: [{ k: 'state', v: 'NONE', o: 'eq' }] })).totalCount).toBe(4);
  });

  test('the state NONE in a list adds nothing to the states beside it, and alone it says nothing', async () => {
    const count = async (o: string, ...v: unknown[]) => (await plugins({ filter: [{ k: 'state', v, o }] })).totalCount;
    expect(await count('in', 'ERROR', 'NONE')).toBe(1);
    expect(await count('in', 'NONE')).toBe(4);
    expect(await count('in')).toBe(0);
    expect(await count('not_in', 'ERROR', 'NONE')).toBe(3);
    expect(pluginIds(await plugins({}, { state: ['ERROR', 'NONE'] }))).toEqual(['webhook']);
  });

  test('states come in any letter case, booleans and numbers as text too', async () => {
    const found = async (k: string, o: string, v: unknown) => names(await supervisors({ filter: [{ k, o, v }] }));
    expect(await found('state', 'eq', 'Pending')).toEqual(['Gamma_100%']);
    expect(await found('state', 'in', ['pending', 'none'])).toEqual(['Gamma_100%']);
    expect(await found('state', 'gt', 'enabled')).toEqual(['Gamma_100%']);
    expect(await found('is_public', 'eq', 'False')).toHaveLength(3);
    expect(await found('is_public', 'not', 'false')).toEqual([]);
    expect(await found('registered_at', 'exists', 'false')).toEqual(['Gamma_100%']);
    expect(await found('priority', 'eq', '5')).toEqual(['beta']);
    expect(await found('priority', 'in', ['5', 7])).toEqual(['beta']);
    expect(await found('priority', 'gte', '5')).toEqual(['beta']);
    expect(await found('labels.nested.count', 'eq', '2')).toEqual([]);
    expect(pluginIds(await plugins({}, { state: 'error' }))).toEqual(['webhook']);
    expect(names(await supervisors({}, { is_public: 'false', name: 'beta' }))).toEqual(['beta']);
    expect(await supervisors({ count_only: 'true' })).toEqual({ results: [], totalCount: 3 });
    expect(names(await supervisors({ page: { start: '2', limit: '1' } }))).toEqual(['alpha']);
    expect(names(await supervisors({ sort: [{ key: 'name', desc: 'True' }] }))[0]).toBe('beta');
  });

  test('keys lead into labels and tags, and a plugin has its supervisor’s hostname and labels', async () => {
    expect(names(await supervisors({ filter: [{ k: 'labels.env', v: 'prod', o: 'eq' }] }))).toEqual(['alpha']);
    expect(names(await supervisors({ filter: [{ k: 'tags.team', v: 'ops', o: 'eq' }] }))).toEqual(['alpha']);
    expect(names(await supervisors({ filter: [{ k: 'labels.nested.count', v: 1, o: 'gt' }] }))).toEqual(['alpha']);
    expect(names(await supervisors({ filter: [{ k: 'labels.zones', v: 'b', o: 'eq' }] }))).toEqual(['alpha']);
    expect(pluginIds(await plugins({ filter: [{ k: 'labels.env', v: 'dev', o: 'eq' }] }))).toEqual(['mailer']);
    expect(pluginIds(await plugins({ filter: [{ k: 'hostname', v: 'alp', o: 'contain' }] }))).toEqual([
      'collector',
      'webhook',
    ]);
  });

  test('keyword: any word in any of the main keys, whatever its case', async () => {
    expect(names(await supervisors({ keyword: '  ALPH 0% ' }))).toEqual(['Gamma_100%', 'alpha']);
    expect(pluginIds(await plugins({ keyword: 'bet web' }))).toEqual(['mailer', 'webhook']);
  });

  test('page: start counts from 1 and below 1 counts as 1; without a limit the greatest page comes', async () => {
    expect(names(await supervisors({ page: { start: 2, limit: 1 } }))).toEqual(['alpha']);
    expect(names(await supervisors({ page: { start: -5, limit: 1 } }))).toEqual(['Gamma_100%']);
    expect(pluginIds(await plugins({ page: { limit: 0 } }))).toEqual(['collector', 'guest', 'mailer']);
    for (const limit of [4, 1_000_000, 4_294_967_295]) {
      expect(pluginIds(await plugins({ page: { limit } }))).toEqual(['collector', 'guest', 'mailer']);
    }
    expect(await plugins({ page: { start: 9 } })).toEqual({ results: [], totalCount: 4 });
  });

  test('sort: a list, one object, or one object with keys', async () => {
    const byName = ['beta', 'alpha', 'Gamma_100%'];
    expect(names(await supervisors({ sort: [{ key: 'name', desc: true }] }))).toEqual(byName);
    expect(names(await supervisors({ sort: { key: 'name', desc: true } }))).toEqual(byName);
    expect(names(await supervisors({ sort: { keys: [{ key: 'state', desc: true }, { key: 'labels.env' }] } }))).toEqual(
      ['Gamma_100%', 'beta', 'alpha'],
    );
  });

  test('only shows what it names and what the order names; minimal the main fields', async () => {
    const only = ['labels.env', 'labels.nested.gpu', 'state'];
    const [first] = (await supervisors({ only, sort: [{ key: 'priority' }, { key: 'name', desc: true }] })).results;
    expect(first).toEqual({
      labels: { env: 'prod', nested: { gpu: true } },
      name: 'alpha',
      priority: 0,
      state: 'ENABLED',
    });
    const [minimal] = (await plugins({ minimal: true })).results;
    expect(minimal).toEqual({
      plugin_id: 'collector',
      version: '1.0',
      state: 'ACTIVE',
      endpoint: 'grpc://a:1',
      endpoints: ['grpc://a:1', 'grpc://b:1'],
    });
  });

  test('count_only counts and shows nothing', async () => {
    expect(await supervisors({ count_only: true, page: { limit: 1 } })).toEqual({ results: [], totalCount: 3 });
  });

  test('a result has the message’s fields, in the wire’s forms', async () => {
    const [row] = (await supervisors({}, { name: 'alpha' })).results;
    expect(row).toEqual({
      supervisor_id: ids.alpha,
      name: 'alpha',
      hostname: 'alpha',
      state: 'ENABLED',
      is_public: false,
      priority: 0,
      labels: { env: 'prod', zones: ['a', 'b'], nested: { gpu: true, count: 2 } },
      tags: { team: 'ops' },
      domain_id: domain.domainId,
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
  });

  test('unwind makes a result of each element of a list field, and counts them', async () => {
    const unwind = { path: 'endpoints' };
    const found = await plugins({ unwind, only: ['endpoints'], sort: [{ key: 'endpoints', desc: true }] });
    expect(found).toEqual({ results: [{ endpoints: 'grpc://b:1' }, { endpoints: 'grpc://a:1' }], totalCount: 2 });
    const first = { path: 'endpoints', filter: [{ k: 'endpoints', v: 'a:1', o: 'contain' }] };
    expect(await plugins({ unwind: first, only: ['endpoints'] })).toEqual({
      results: [{ endpoints: 'grpc://a:1' }],
      totalCount: 1,
    });
    const elsewhere = { path: 'endpoints', filter: [{ k: 'plugin_id', v: 'webhook', o: 'eq' }] };
    expect(await plugins({ unwind: elsewhere })).toEqual({ results: [], totalCount: 0 });
    const zones = await supervisors({ unwind: { path: 'labels.zones' }, only: ['name', 'labels.zones'] });
    expect(zones.results).toEqual([
      { name: 'alpha', labels: { zones: 'a' } },
      { name: 'alpha', labels: { zones: 'b' } },
    ]);
  });

  test('a page takes one statement, and one more where a condition asks for the time', async () => {
    const texts: string[] = [];
    const sql: typeof t.core.db.sql = {
      query: (statement, values) => {
        texts.push(typeof statement === 'string' ? statement : statement.text);
        return t.core.db.sql.query(statement, values);
      },
    };
    const core = { ...t.core, db: { ...t.core.db, sql } };
    await searchPlugins(core, domain.viewer, { query: { filter: [{ k: 'hostname', v: 'alpha', o: 'eq' }] } });
    expect(texts).toHaveLength(1);
    const filter = [{ k: 'created_at', v: 'now-1d', o: 'timediff_gt' }];
    expect((await searchPlugins(core, domain.viewer, { query: { filter } })).totalCount).toBe(4);
    expect(texts).toHaveLength(3);
  });

  test('a relative time counts from the database’s clock', async () => {
    const old = { k: 'created_at', v: 'now-1d', o: 'timediff_lt' };
    expect((await supervisors({ filter: [old] })).totalCount).toBe(0);
    const core = { ...t.core, clockOffsetMs: () => 2 * 86_400_000 };
    expect((await searchSupervisors(core, domain.viewer, { query: { filter: [old] } })).totalCount).toBe(3);
  });
});

describe('what a search may reach', () => {
  test('A2: the domain is the viewer’s; another is FORBIDDEN, also within a list', async () => {
    const other = neighbour.domainId;
    for (const domainId of [other, [domain.domainId, other]]) {
      expect((await refusalOf(supervisors({}, { domain_id: domainId }))).code).toBe('FORBIDDEN');
    }
    expect((await refusalOf(searchPlugins(t.core, domain.agent, {}))).code).toBe('FORBIDDEN');
    const all = await searchSupervisors(t.core, domain.admin, { domain_id: [domain.domainId, other] });
    expect(all.totalCount).toBe(4);
  });

  test('A6: another domain’s supervisors and their tags are out of reach for filters, orders and results', async () => {
    expect(names(await supervisors({ filter: [{ k: 'is_public', v: true, o: 'eq' }] }))).toEqual([]);
    expect((await supervisors({ filter: [{ k: 'tags.team', v: 'secret', o: 'eq' }] })).totalCount).toBe(0);
    const guest = await plugins({ only: ['plugin_id', 'supervisor_name', 'labels'] }, { hostname: 'open' });
    expect(guest.results).toEqual([{ plugin_id: 'guest', supervisor_name: 'open', labels: { env: 'x' } }]);
    for (const query of [
      { filter: [{ k: 'tags.team', v: 'secret', o: 'eq' }] },
      { sort: [{ key: 'tags.team' }] },
      { only: ['tags'] },
    ]) {
      expect((await refusalOf(plugins(query))).message).toContain('expected one of plugin_id, version');
    }
  });
});

describe('a refusal names the condition', () => {
  const condition = (k: unknown, o: unknown, v: unknown) => ({ filter: [{ k, o, v }] });
  const many = (count: number, o = 'eq', v: unknown = 'a') =>
    Array.from({ length: count }, () => ({ k: 'name', o, v }));
  test.each([
    [
      condition('name', 'like', 'a'),
      'query.filter[0]: the condition on "name" with "like": expected an operator, one of eq, not',
    ],
    [condition('name', 'constructor', 'a'), 'got "constructor"'],
    [condition('name', undefined, 'a'), 'query.filter[0]: the condition on "name" with nothing: expected an operator'],
    [condition('secret_hash', 'eq', 'a'), 'query.filter[0].k: expected one of supervisor_id, name'],
    [condition('__proto__', 'eq', 'a'), 'query.filter[0].k: expected one of supervisor_id'],
    [condition('name.first', 'eq', 'a'), 'since name holds no JSON; got "name.first"'],
    [condition('labels..a', 'eq', 'a'), 'expected a key of 1 to 10 names with dots between; got "labels..a"'],
    [condition(7, 'eq', 'a'), 'query.filter[0].k: expected a key; got 7'],
    [condition('name', 'eq', 7), 'the condition on "name" with "eq": expected text; got 7'],
    [condition('name', 'eq', undefined), 'the condition on "name" with "eq": expected a value; got nothing'],
    [condition('name', 'eq', '\0'), 'without NUL'],
    [condition('name', 'in', 'a'), 'the condition on "name" with "in": expected a list; got "a"'],
    [condition('name', 'in', Array(1_001).fill('a')), 'expected at most 1000 values; got more'],
    [condition('name', 'gt', null), 'expected text or a number; got null'],
    [condition('is_public', 'eq', 'yes'), 'expected true or false; got "yes"'],
    [condition('is_public', 'eq', 1), 'expected true or false; got 1'],
    [condition('is_public', 'gt', true), 'expected a field that has an order'],
    [condition('state', 'eq', 'GONE'), 'expected one of PENDING, ENABLED, DISABLED, DISCONNECTED; got "GONE"'],
    [condition('priority', 'eq', 1.5), 'expected an integer of 32 bits; got 1.5'],
    [condition('priority', 'contain', '1'), 'expected a field that holds text; got priority'],
    [condition('labels', 'eq', 'a'), 'expected a key within labels, such as labels.name, or the operator match'],
    [condition('labels.a', 'eq', {}), 'expected text, a number, true or false; got an object'],
    [condition('labels.a', 'eq', Number.NaN), 'expected a number from -9007199254740991'],
    [condition('labels', 'match', 'a'), 'expected an object; got "a"'],
    [condition('name', 'match', {}), 'expected a field that holds JSON; got name'],
    [condition('name', 'exists', 'yes'), 'expected true or false; got "yes"'],
    [condition('name', 'regex', '(a+)+'), 'the condition on "name" with "regex": expected no quantifier on a group'],
    [condition('name', 'regex_in', 'a'), 'expected a list; got "a"'],
    [condition('created_at', 'datetime_lt', 'yesterday'), 'expected a time in ISO 8601'],
    [condition('created_at', 'timediff_lt', 'now/y'), 'expected now, now/d, now/w or now/m'],
    [condition('name', 'datetime_lt', '2026-01-01'), 'expected a field that holds a time; got name'],
    [
      {
        filter_or: [
          { k: 'name', o: 'eq', v: 'a' },
          { k: 'x', key: 'y' },
        ],
      },
      'query.filter_or[1].k: expected k or key, not both',
    ],
    [
      { filter: [{ k: 'name', o: 'eq', v: 'a', w: 1 }] },
      'query.filter[0].w: expected one of k, key, v, value, o, operator',
    ],
    [{ filter: {} }, 'query.filter: expected a list; got an object'],
    [{ filter: Array(101).fill({}) }, 'query.filter: expected at most 100; got 101'],
    [{ filter: many(60), filter_or: many(41) }, 'query.filter_or[40]: expected at most 100 conditions; got more'],
    [
      { filter: [...many(1, 'in', Array(600).fill('a')), ...many(1, 'not_in', Array(401).fill('a'))] },
      'query.filter[1]: expected at most 1000 values; got more',
    ],
    [
      { filter: many(11, 'regex', 'a'), filter_or: many(1, 'regex_in', Array(10).fill('a')) },
      'query.filter_or[0]: expected at most 20 patterns; got more',
    ],
    [{ fliter: [] }, 'query.fliter: expected one of filter, filter_or'],
    [{ keyword: 1 }, 'query.keyword: expected text; got 1'],
    [{ sort: [{ key: 'nothing' }] }, 'query.sort[0].key: expected one of supervisor_id'],
    [{ sort: { keys: [{ key: 'name', desc: 1 }] } }, 'query.sort.keys[0].desc: expected true or false; got 1'],
    [{ page: { limit: 1.5 } }, 'query.page.limit: expected a whole number from 0 up; got 1.5'],
    [{ page: { limit: '4x' } }, 'query.page.limit: expected a whole number from 0 up; got "4x"'],
    [{ page: { limit: -1 } }, 'query.page.limit: expected a whole number from 0 up; got -1'],
    [{ page: { start: 'a' } }, 'query.page.start: expected a whole number; got "a"'],
    [{ only: ['nothing'] }, 'query.only[0]: expected one of supervisor_id'],
    [{ minimal: 'yes' }, 'query.minimal: expected true or false; got "yes"'],
    [{ unwind: { path: 'name' } }, 'query.unwind.path: expected a field that can hold a list; got "name"'],
    [{ unwind: { filter: [{}] } }, 'query.unwind.filter: expected none without a path'],
    [
      { unwind: { path: 'labels.zones', filter: [{ k: 'nothing', v: 1, o: 'eq' }] } },
      'query.unwind.filter[0].k: expected one of supervisor_id',
    ],
    [{ filter: many(60), unwind: { filter: many(41) } }, 'query.unwind.filter[40]: expected at most 100 conditions'],
    [{ lookup: [{}] }, 'query.lookup: expected no lookup, a raw database stage, which is not supported'],
    [{ add_fields: { a: 1 } }, 'query.add_fields: expected no add_fields, a raw database stage'],
  ])('%j', async (query, message) => {
    const refusal = await refusalOf(supervisors(query));
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.message).toContain(message);
  });

  test('or the field beside the query, and what is no request at all', async () => {
    expect((await refusalOf(supervisors({}, { name: 7 }))).message).toBe('name: expected text; got 7');
    expect((await refusalOf(plugins({}, { state: 'GONE' }))).message).toContain('state: expected one of PROVISIONING');
    expect((await refusalOf(plugins({}, { is_public: true }))).message).toContain(
      'is_public: expected one of domain_id',
    );
    expect((await refusalOf(supervisors({}, { domain_id: 'a b' }))).message).toContain('domain_id: expected 1 to 64');
    for (const request of [[], 'name', 7]) {
      expect((await refusalOf(searchSupervisors(t.core, domain.viewer, request))).code).toBe('BAD_USER_INPUT');
    }
    const { details } = await refusalOf(supervisors({ filter: [{ k: 'name', o: 'eq', v: 7 }] }));
    expect(details).toEqual({ path: ['query', 'filter', 0] });
  });
});
