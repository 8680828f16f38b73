import { beforeAll, describe, expect, test } from 'vitest';
import { enabledSupervisor, insertManagedPlugin, newDomain, refusalOf, useTestCore } from '../../testing/testCore.ts';
import { updateSupervisor } from '../supervisor/update.ts';
import { statPlugins, statSupervisors } from './stat.ts';

const t = useTestCore({ settings: { limits: { wirePageSize: 5 } } });
const domain = newDomain();
const neighbour = newDomain();

/** Three supervisors a, b and c with labels and priorities; next door a public one with tags. */
beforeAll(async () => {
  const labels = [
    { env: 'prod', zones: ['x', 'y'], size: { cpu: 2 } },
    { env: 'prod', zones: ['y'], size: { gpu: 1 } },
    { env: 'dev' },
  ];
  for (const [i, hostname] of ['a', 'b', 'c'].entries()) {
    const { id } = await enabledSupervisor(t, domain, { hostname, labels: labels[i] ?? {} });
    await updateSupervisor(t.core, domain.operator, { supervisorId: id, priority: i * 2 });
    const createdAt = new Date(Date.UTC(2026, i, 5, 10, 20));
    await t.db.prisma.supervisor.update({ where: { id }, data: { createdAt } });
    await insertManagedPlugin(
      t,
      { id, domainId: domain.domainId },
      { endpoints: ['grpc://1', 'grpc://2'].slice(0, i) },
    );
  }
  const open = await enabledSupervisor(t, neighbour, { hostname: 'open', tags: { team: 'secret' } });
  await updateSupervisor(t.core, neighbour.admin, { supervisorId: open.id, isPublic: true });
  await insertManagedPlugin(t, { id: open.id, domainId: domain.domainId }, { pluginId: 'guest' });
});

const stat = (query: object) => statSupervisors(t.core, domain.viewer, { query });
const aggregated = async (...aggregate: object[]) => (await stat({ aggregate })).results;
const group = (keys: object[], fields: object[]) => ({ group: { keys, fields } });
const byEnv = { k: 'labels.env', n: 'env' };
const all = (field: object) => aggregated(group([], [{ n: 'x', ...field }]));

describe('StatisticsQuery', () => {
  test('distinct gives sorted distinct values; a page of them has the number of all', async () => {
    expect(await stat({ distinct: 'labels.env' })).toEqual({ results: ['dev', 'prod'] });
    expect(await stat({ distinct: 'labels.zones', page: { start: 2, limit: 1 } })).toEqual({
      results: ['y'],
      total_count: 2,
    });
    expect(await stat({ distinct: 'priority', filter: [{ k: 'priority', v: 0, o: 'gt' }] })).toEqual({
      results: [2, 4],
    });
  });

  test('group makes a row of each group, under the names that it gives', async () => {
    const fields = [
      { n: 'number', o: 'count' },
      { name: 'sum', key: 'priority', operator: 'sum' },
    ];
    expect(await aggregated(group([byEnv], fields))).toEqual([
      { env: 'prod', number: 2, sum: 2 },
      { env: 'dev', number: 1, sum: 4 },
    ]);
    expect((await stat({ distinct: 'name', page: { limit: 1_000_000 } })).results).toEqual(['a', 'b', 'c']);
    const page = { limit: 1 };
    expect(await stat({ aggregate: [group([byEnv], fields)], page })).toMatchObject({ total_count: 2 });
  });

  test.each([
    [{ o: 'count' }, 3],
    [{ o: 'sum', k: 'priority' }, 6],
    [{ o: 'average', k: 'priority' }, 2],
    [{ o: 'max', k: 'name' }, 'c'],
    [{ o: 'min', k: 'created_at' }, '2026-01-05T10:20:00.000Z'],
    [{ o: 'first', k: 'name' }, 'a'],
    [{ o: 'last', k: 'labels.size' }, null],
    [{ o: 'push', k: 'labels.env' }, ['prod', 'prod', 'dev']],
    [
      {
        o: 'push',
        fields: [
          { k: 'name', n: 'who' },
          { k: 'labels.size.cpu', n: 'cpu' },
        ],
      },
      [
        { who: 'a', cpu: 2 },
        { who: 'b', cpu: null },
        { who: 'c', cpu: null },
      ],
    ],
    [{ o: 'add_to_set', k: 'labels.env' }, expect.toSatisfy((set: string[]) => [...set].sort().join() === 'dev,prod')],
    [
      { o: 'merge_objects', k: 'labels' },
      { env: 'dev', zones: ['y'], size: { gpu: 1 } },
    ],
    [{ o: 'count', conditions: [{ k: 'labels.env', v: 'prod', o: 'eq' }] }, 2],
    [{ o: 'sum', k: 'priority', conditions: [{ k: 'priority', v: 2, o: 'gt' }] }, 4],
    [{ o: 'average', k: 'priority', conditions: [{ k: 'priority', v: 4, o: 'lt' }] }, 1],
    [{ o: 'count', conditions: [{ k: 'created_at', v: '2026-02-01', o: 'gte' }] }, 2],
    [{ o: 'count', conditions: [{ k: 'labels.zones', v: null, o: 'eq' }] }, 1],
  ])('the operator of a field: %j', async (field, expected) => {
    expect(await all(field)).toEqual([{ x: expected }]);
  });

  test.each([
    ['year', 2026],
    ['month', 1],
    ['day', 5],
    ['%Y', '2026'],
    ['%Y-%m', '2026-01'],
    ['%d.%m.%Y %H:%M:%S.%L', '05.01.2026 10:20:00.000'],
    ['"%j\\"%%', '"005\\"%'],
    ['%G-W%V-%u %z %Z', '2026-W02-1 +0000 UTC'],
  ])('a key’s date_format %j', async (format, expected) => {
    const keys = [{ k: 'created_at', n: 'at', date_format: format }];
    expect((await aggregated({ limit: 1 }, group(keys, [{ n: 'number', o: 'count' }])))[0]).toEqual({
      at: expected,
      number: 1,
    });
  });

  test('unwind, count, sort, skip and limit are applied where they stand', async () => {
    expect(await aggregated({ unwind: { path: 'labels.zones' } }, { count: { name: 'zones' } })).toEqual([
      { zones: 3 },
    ]);
    const number = [{ n: 'number', o: 'count' }];
    const byZone = group([{ k: 'labels.zones', n: 'zone' }], number);
    const down = { sort: { key: 'number', desc: true } };
    expect(await aggregated({ unwind: { path: 'labels.zones' } }, byZone, down)).toEqual([
      { zone: 'y', number: 2 },
      { zone: 'x', number: 1 },
    ]);
    const onlyY = { unwind: { path: 'labels.zones', filter: [{ k: 'labels.zones', v: 'y', o: 'eq' }] } };
    expect(await aggregated(onlyY, byZone)).toEqual([{ zone: 'y', number: 2 }]);
    const ofProd = [
      { k: 'labels.zones', v: ['X', 'y'], o: 'contain_in' },
      { key: 'labels.env', value: 'prod', operator: 'eq' },
      { k: 'state', v: ['enabled', 'none'], o: 'in' },
      { k: 'created_at', v: '2026-02-01', o: 'datetime_gte' },
    ];
    expect(await aggregated({ unwind: { path: 'labels.zones', filter: ofProd } }, { count: { name: 'n' } })).toEqual([
      { n: 1 },
    ]);
    const pushed = group([byEnv], [{ n: 'zones', o: 'push', k: 'labels.zones' }]);
    const made = { unwind: { path: 'zones', filter: [{ k: 'zones', v: 'x', o: 'eq' }] } };
    expect(await aggregated(pushed, made, { count: { name: 'n' } })).toEqual([{ n: 1 }]);
    const byBoth = { sort: { keys: [{ key: 'number' }, { key: 'env' }] } };
    expect(await aggregated(group([byEnv], number), byBoth, { skip: 1 }, { limit: 1 })).toEqual([
      { env: 'prod', number: 2 },
    ]);
    expect(await aggregated({ limit: 2 }, { skip: 1 }, { count: { name: 'n' } })).toEqual([{ n: 1 }]);
  });

  test('project keeps the group’s keys unless asked to leave them out, and derives fields', async () => {
    const grouped = group(
      [byEnv],
      [
        { n: 'names', o: 'push', k: 'name' },
        { n: 'all', o: 'merge_objects', k: 'labels.size' },
      ],
    );
    const fields = [
      { k: 'names', n: 'number', o: 'size' },
      { k: 'all', n: 'pairs', o: 'object_to_array' },
    ];
    expect((await aggregated(grouped, { project: { fields } }))[0]).toEqual({
      env: 'prod',
      number: 2,
      pairs: [
        { k: 'cpu', v: 2 },
        { k: 'gpu', v: 1 },
      ],
    });
    const back = { project: { fields: [{ k: 'pairs', n: 'object', o: 'array_to_object' }], exclude_keys: true } };
    expect((await aggregated(grouped, { project: { fields } }, back))[0]).toEqual({ object: { cpu: 2, gpu: 1 } });
    expect(await aggregated(grouped, { project: { exclude_keys: true } }, { limit: 1 })).toEqual([
      { names: ['a', 'b'], all: { cpu: 2, gpu: 1 } },
    ]);
    const sum = { project: { fields: [{ k: 'p', n: 'sum', o: 'sum' }] } };
    expect(await aggregated(group([], [{ n: 'p', o: 'push', k: 'priority' }]), sum)).toEqual([{ sum: 6 }]);
  });

  test('without a group, results are rows as lists have them', async () => {
    const rows = await aggregated({ sort: { key: 'name', desc: true } }, { limit: 1 });
    expect(rows).toEqual([expect.objectContaining({ name: 'c', state: 'ENABLED', labels: { env: 'dev' } })]);
  });

  test('names that a client gives are data, whatever they look like', async () => {
    for (const n of [`'; DROP TABLE plugins; --`, '"', '__proto__', 'row', '$1']) {
      const [row] = await aggregated(group([{ k: 'state', n }], [{ n: 'number', o: 'count' }]), { sort: { key: n } });
      expect(Object.entries(row as object)).toContainEqual([n, 'ENABLED']);
    }
  });

  test('plugins have their supervisor’s hostname and labels; A6: not its tags, nor other domains’ rows', async () => {
    const query = {
      aggregate: [group([{ k: 'hostname', n: 'host' }], [{ n: 'number', o: 'count' }]), { sort: { key: 'host' } }],
    };
    expect((await statPlugins(t.core, domain.viewer, { query })).results).toEqual(
      ['a', 'b', 'c', 'open'].map((host) => ({ host, number: 1 })),
    );
    const endpoints = { aggregate: [{ unwind: { path: 'endpoints' } }, { count: { name: 'n' } }] };
    expect((await statPlugins(t.core, domain.viewer, { query: endpoints })).results).toEqual([{ n: 3 }]);
    for (const reach of [{ distinct: 'tags.team' }, { aggregate: [group([{ k: 'tags', n: 'x' }], [])] }]) {
      expect((await refusalOf(statPlugins(t.core, domain.viewer, { query: reach }))).code).toBe('BAD_USER_INPUT');
    }
    expect(await stat({ distinct: 'tags.team' })).toEqual({ results: [] });
    const other = { query: { distinct: 'name' }, domain_id: neighbour.domainId };
    expect((await refusalOf(statSupervisors(t.core, domain.viewer, other))).code).toBe('FORBIDDEN');
    expect((await refusalOf(statSupervisors(t.core, domain.agent, { query: { distinct: 'name' } }))).code).toBe(
      'FORBIDDEN',
    );
  });
});

describe('a refusal names the stage', () => {
  const count = { n: 'n', o: 'count' };
  const stages = (...aggregate: object[]) => ({ aggregate });
  test.each([
    [{}, 'query: expected one of aggregate and distinct; got neither'],
    [{ aggregate: [{ limit: 1 }], distinct: 'name' }, 'query: expected one of aggregate and distinct; got both'],
    [{ distinct: 'nothing' }, 'query.distinct: expected one of supervisor_id'],
    [{ distinct: 'name', page: { limit: -6 } }, 'query.page.limit: expected a whole number from 0 up; got -6'],
    [
      stages({ unwind: { path: 'labels.zones', filter: [{ k: 'state', v: 'GONE', o: 'eq' }] } }),
      'query.aggregate[0].unwind.filter[0]: the condition on "state" with "eq": expected one of PENDING',
    ],
    [
      { distinct: 'name', sort: [] },
      'query.sort: expected one of filter, filter_or, keyword, aggregate, distinct, page',
    ],
    [stages(...Array(21).fill({ limit: 1 })), 'query.aggregate: expected at most 20; got 21'],
    [
      stages(...Array(13).fill({ sort: { keys: Array(16).fill({ key: 'name' }) } })),
      'query.aggregate[12].sort.keys[8].key: expected at most 200 keys in all stages; got one more',
    ],
    [stages({}), 'query.aggregate[0]: expected one stage, of unwind, group, count, sort, limit, skip, project; got 0'],
    [stages({ limit: 1, skip: 1 }), 'query.aggregate[0]: expected one stage'],
    [stages({ lookup: {} }), 'query.aggregate[0].lookup: expected one of unwind, group'],
    [stages({ limit: 0 }), 'query.aggregate[0].limit: expected a whole number from 1 up; got 0'],
    [stages({ skip: -1 }), 'query.aggregate[0].skip: expected a whole number from 0 up; got -1'],
    [stages({ unwind: { path: 'name' } }), 'query.aggregate[0].unwind.path: expected a field that can hold a list'],
    [stages({ sort: {} }), 'query.aggregate[0].sort: expected a key; got none'],
    [stages({ count: {} }), 'query.aggregate[0].count.name: expected a name; got nothing'],
    [stages({ group: {} }), 'query.aggregate[0].group: expected keys or fields; got none'],
    [
      stages(group([{ k: 'nothing', n: 'n' }], [])),
      'query.aggregate[0].group.keys[0].k: expected one of supervisor_id',
    ],
    [stages(group([{ k: 'labels.env' }], [])), 'group.keys[0].n: expected a name of 1 to 255 characters without dots'],
    [
      stages(group([{ k: 'name', n: 'n' }], [count])),
      'query.aggregate[0].group: expected each name once; got "n" again',
    ],
    [
      stages(group([{ k: 'name', date_format: 'year' }], [])),
      'date_format: expected none, since the key is no field that holds a time',
    ],
    [
      stages(group([{ k: 'created_at', date_format: '%Q' }], [])),
      'date_format: expected year, month, day or a strftime text',
    ],
    [stages(group([], [{ n: 'n', o: 'median', k: 'name' }])), 'group.fields[0].o: expected one of count, sum'],
    [stages(group([], [{ n: 'n', o: 'sum' }])), 'group.fields[0].k: expected a key; got nothing'],
    [
      stages(group([], [{ n: 'n', o: 'max', k: 'name', conditions: [{}] }])),
      'group.fields[0].conditions[0].k: expected a key',
    ],
    [
      stages(group([], [{ n: 'n', o: 'max', k: 'name', fields: [{ k: 'name' }] }])),
      'fields: expected none, since max takes no fields',
    ],
    [
      stages(group([], [{ n: 'n', o: 'push', k: 'name', conditions: [{ k: 'name', o: 'eq', v: 'a' }] }])),
      'conditions: expected none, since push takes no conditions',
    ],
    [
      stages(group([], [{ ...count, conditions: [{ k: 'name', o: 'in', v: [] }] }])),
      'conditions[0].o: expected one of eq, not',
    ],
    [
      stages(group([], [{ ...count, conditions: [{ k: 'name', o: 'gt', v: null }] }])),
      'conditions[0].v: expected text or a number',
    ],
    [
      stages(group([], [{ ...count, conditions: [{ k: 'created_at', o: 'gt', v: 'x' }] }])),
      'conditions[0].v: expected a time',
    ],
    [
      stages(group([byEnv], [count]), { sort: { key: 'name' } }),
      'query.aggregate[1].sort.key: expected one of env, n; got "name"',
    ],
    [stages({ project: {} }), 'query.aggregate[0].project: expected fields; got none'],
    [
      stages({ project: { fields: [{ k: 'name', n: 'x', o: 'concat' }] } }),
      'project.fields[0].o: expected one of size, sum',
    ],
    [
      { ...stages({ limit: 1 }), filter: [{ k: 'name', o: 'like', v: 1 }] },
      'query.filter[0]: the condition on "name" with "like"',
    ],
  ])('%j', async (query, message) => {
    const refusal = await refusalOf(stat(query));
    expect(refusal.code).toBe('BAD_USER_INPUT');
    expect(refusal.message).toContain(message);
  });
});

describe('what statistics may take is bounded', () => {
  const crowd = newDomain();
  /** Many rows, straight into the table: what is tested is what is read. */
  beforeAll(async () => {
    const { id } = await enabledSupervisor(t, crowd, { hostname: 'crowd' });
    await t.db.sql.query(
      `INSERT INTO plugins (id, supervisor_id, domain_id, plugin_id, version, state, message)
       SELECT 'instance-' || lpad(to_hex(n), 16, '0'), $1::text, $2::text, 'p' || n, '1', 'ACTIVE', repeat('m', 2000)
       FROM generate_series(1, 10001) AS n`,
      [id, crowd.domainId],
    );
  });
  const refused = (query: object) => refusalOf(statPlugins(t.core, crowd.viewer, { query }));

  test('groups, also those that later stages cut off', async () => {
    const keys = [{ k: 'plugin_id', n: 'p' }];
    const { code, message } = await refused({ aggregate: [group(keys, []), { limit: 1 }] });
    expect(code).toBe('TOO_COMPLEX');
    expect(message).toContain('at most 10000 groups in each stage');
  });

  test.each(['push', 'add_to_set'])('values that %s collects', async (o) => {
    const field = { n: 'x', o, k: 'plugin_id' };
    const { code, message } = await refused({ aggregate: [group([], [field])] });
    expect(code).toBe('TOO_COMPLEX');
    expect(message).toContain('at most 1000 values');
    const found = await statPlugins(t.core, crowd.viewer, {
      query: { aggregate: [{ limit: 1_000 }, group([], [field])] },
    });
    expect(found.results).toEqual([{ x: expect.objectContaining({ length: 1_000 }) }]);
  });

  test('results that come without a page, and their bytes (W3)', async () => {
    expect((await refused({ distinct: 'plugin_id' })).message).toContain(
      'query.page.limit: expected a limit, since there are 10001 results; got none',
    );
    const page = { limit: 2 };
    expect(await statPlugins(t.core, crowd.viewer, { query: { distinct: 'plugin_id', page } })).toEqual({
      results: ['p1', 'p10'],
      total_count: 10_001,
    });
    const wide = { project: { fields: [{ k: 'message', n: 'm' }] } };
    expect((await refused({ aggregate: [wide, { limit: 9_000 }] })).message).toContain('at most 8388608 bytes');
  });

  test('time: a statement that the database cuts short is TOO_COMPLEX', async () => {
    const cut = () => Promise.reject(Object.assign(new Error('canceling statement'), { code: '57014' }));
    const core = { ...t.core, db: { ...t.core.db, transaction: cut, sql: { query: cut } } };
    const refusal = await refusalOf(statPlugins(core, crowd.viewer, { query: { distinct: 'version' } }));
    expect(refusal.code).toBe('TOO_COMPLEX');
    expect(refusal.message).toContain('at most 10000 ms');
  });
});
