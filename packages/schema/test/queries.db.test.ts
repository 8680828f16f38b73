import type { Viewer } from '@muster/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTestApi } from '../testing/testApi.ts';

const api = useTestApi();
const domainId = 'domain-queries';
const operator: Viewer = { subject: 'operator', role: 'OPERATOR', domainId };

const publish = 'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { id } } }';
const collector = { pluginId: 'collector', version: '1.0', state: 'ACTIVE' };

/** Seven supervisors, a to g, and another domain's. */
beforeAll(async () => {
  const agents = [
    {
      hostname: 'a',
      name: 'Alpha',
      labels: { env: 'prod', zone: { name: 'eu' } },
      tags: { owner: 'x' },
      plugins: [collector],
    },
    {
      hostname: 'b',
      name: 'beta',
      labels: { env: 'prod' },
      plugins: [{ ...collector, state: 'ERROR', message: 'out of memory' }],
    },
    { hostname: 'c', name: 'same', labels: { env: 'dev' }, plugins: [] },
    {
      hostname: 'd',
      name: 'same',
      labels: {},
      plugins: [
        { ...collector, version: '2.0' },
        { ...collector, pluginId: 'webhook' },
      ],
    },
    { hostname: 'e', name: 'same' },
    { hostname: 'f', name: '100%_sure\\' },
    { hostname: 'g', name: 'Omega' },
  ];
  for (const agent of agents) await api.ask(publish, { input: { domainId, ...agent } });
  await api.ask(publish, {
    input: {
      domainId: 'domain-other',
      hostname: 'a',
      name: 'Alpha',
      isPublic: true,
      tags: { secret: 1 },
      plugins: [collector],
    },
  });
  for (const hostname of ['a', 'b', 'd']) await api.ask(commandOf('register', await idOf(hostname)));
  await api.ask(commandOf('disable', await idOf('b')));
});

describe('supervisors, by filter', () => {
  test.each<[string, string[]]>([
    ['{}', ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    ['{state: {eq: PENDING}}', ['c', 'e', 'f', 'g']],
    ['{state: {ne: PENDING}}', ['a', 'b', 'd']],
    ['{state: {in: [ENABLED, DISABLED]}}', ['a', 'b', 'd']],
    ['{state: {notIn: [ENABLED, PENDING]}}', ['b']],
    ['{state: {eq: NONE}}', ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    ['{hostname: {in: ["a", "c", "z"]}}', ['a', 'c']],
    ['{hostname: {in: []}}', []],
    ['{hostname: {eq: null, in: null}, labels: {contains: null}, or: null}', ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    ['{registeredAt: {lt: null, isNull: null}, priority: null}', ['a', 'b', 'c', 'd', 'e', 'f', 'g']],
    ['{name: {eq: "alpha"}}', []],
    ['{name: {eq: "alpha", insensitive: true}}', ['a']],
    ['{name: {startsWith: "A"}}', ['a']],
    ['{name: {endsWith: "GA", insensitive: true}}', ['g']],
    ['{name: {contains: "%_"}}', ['f']],
    ['{name: {endsWith: "\\\\"}}', ['f']],
    ['{labels: {contains: {env: "prod"}}}', ['a', 'b']],
    ['{labels: {contains: {zone: {name: "eu"}}}}', ['a']],
    ['{labels: {hasKey: "env"}}', ['a', 'b', 'c']],
    ['{not: {labels: {hasKey: "env"}}}', ['d', 'e', 'f', 'g']],
    ['{tags: {contains: {owner: "x"}}}', ['a']],
    ['{registeredAt: {isNull: false}}', ['a', 'b', 'd']],
    ['{createdAt: {gt: "2020-01-01T00:00:00Z", lt: "2020-01-02T00:00:00Z"}}', []],
    ['{createdAt: {gte: "2020-01-01T00:00:00Z"}, hostname: {eq: "a"}}', ['a']],
    ['{priority: {gte: 0}, isPublic: {eq: false}, name: {eq: "same"}}', ['c', 'd', 'e']],
    ['{or: [{hostname: {eq: "a"}}, {and: [{name: {eq: "same"}}, {hostname: {ne: "c"}}]}]}', ['a', 'd', 'e']],
    ['{plugins: {some: {state: {eq: ERROR}}}}', ['b']],
    ['{plugins: {some: {pluginId: {in: ["webhook"]}, version: {eq: "1.0"}}}}', ['d']],
    ['{plugins: {none: {}}}', ['c', 'e', 'f', 'g']],
    ['{plugins: {every: {pluginId: {eq: "collector"}}}}', ['a', 'b', 'c', 'e', 'f', 'g']],
    ['{plugins: {some: {supervisor: {hostname: {in: ["c", "d"]}}}}}', ['d']],
  ])('%s', async (filter, expected) => {
    expect(await hostnames(`filter: ${filter}, orderBy: [{field: HOSTNAME, direction: ASC}]`)).toEqual(expected);
  });

  test('as a variable it means the same', async () => {
    const query = 'query ($filter: SupervisorFilter) { supervisors(filter: $filter) { nodes { hostname } } }';
    const filter = { state: { eq: 'DISABLED' }, labels: { contains: { env: 'prod' } } };
    expect(await api.ask(query, { filter }, operator)).toEqual({ supervisors: { nodes: [{ hostname: 'b' }] } });
  });

  test('a variable that is null or was left out is no condition; in a bulk mutation it is refused (B1)', async () => {
    const query = `query ($hostname: String, $state: SupervisorState) {
      supervisors(filter: { hostname: { eq: $hostname }, state: { eq: $state } }) { totalCount }
    }`;
    expect(await api.ask(query, {}, operator)).toEqual({ supervisors: { totalCount: 7 } });
    expect(await api.ask(query, { hostname: null, state: 'DISABLED' }, operator)).toEqual({
      supervisors: { totalCount: 1 },
    });
    const bulk = `mutation ($hostname: String) {
      disableSupervisors(input: { filter: { hostname: { eq: $hostname } }, dryRun: true }) { items { targetId } }
    }`;
    for (const [variables, path] of [
      [{ hostname: null }, ['input', 'filter', 'hostname', 'eq']],
      [{}, ['input', 'filter', 'hostname']],
    ] as const) {
      expect(await api.refusal(bulk, variables, operator)).toEqual({ code: 'BAD_USER_INPUT', path });
    }
  });

  test('a keyword is any of its words, anywhere in id, name or hostname, whatever their case', async () => {
    expect(await hostnames('keyword: "OMEGA alph"')).toEqual(['a', 'g']);
    expect(await hostnames(`keyword: "${(await idOf('c')).toUpperCase()}"`)).toEqual(['c']);
    expect(await hostnames('keyword: "%"')).toEqual(['f']);
    expect(await hostnames('keyword: "  "')).toHaveLength(7);
  });
});

describe('plugins, by filter', () => {
  test.each<[string, string[]]>([
    ['{pluginId: {in: ["collector", "nope"]}}', ['a collector 1.0', 'b collector 1.0', 'd collector 2.0']],
    ['{state: {eq: ERROR}}', ['b collector 1.0']],
    ['{supervisor: {hostname: {eq: "d"}}}', ['d collector 2.0', 'd webhook 1.0']],
    ['{supervisor: {labels: {contains: {env: "prod"}}, state: {eq: ENABLED}}}', ['a collector 1.0']],
    ['{not: {supervisor: {hostname: {in: ["a", "d"]}}}}', ['b collector 1.0']],
    ['{message: {contains: "memory"}}', ['b collector 1.0']],
    ['{message: {isNull: true}, version: {ne: "2.0"}}', ['a collector 1.0', 'd webhook 1.0']],
    ['{reason: {isNull: false}}', ['b collector 1.0']],
    ['{reason: {ne: null}, version: {eq: "2.0"}}', ['d collector 2.0']],
    ['{managed: {eq: true}}', []],
    ['{generation: {eq: 1}, version: {startsWith: "2"}}', ['d collector 2.0']],
  ])('%s', async (filter, expected) => {
    expect((await plugins(`filter: ${filter}`)).sort()).toEqual(expected);
  });

  test('a keyword looks in plugin id, supervisor id and hostname', async () => {
    expect(await plugins('keyword: "WEBH"')).toEqual(['d webhook 1.0']);
    expect(await plugins(`keyword: "${await idOf('b')}"`)).toEqual(['b collector 1.0']);
  });

  test('a supervisor has its own, filtered and ordered like any list', async () => {
    const query = `query ($id: ID!) { supervisor(id: $id) {
      all: plugins(orderBy: [{field: PLUGIN_ID, direction: DESC}]) { totalCount nodes { pluginId } }
      some: plugins(filter: {version: {eq: "2.0"}}, last: 1) { totalCount nodes { pluginId } pageInfo { hasPreviousPage } }
    } }`;
    expect(await api.ask(query, { id: await idOf('d') }, operator)).toEqual({
      supervisor: {
        all: { totalCount: 2, nodes: [{ pluginId: 'webhook' }, { pluginId: 'collector' }] },
        some: { totalCount: 1, nodes: [{ pluginId: 'collector' }], pageInfo: { hasPreviousPage: false } },
      },
    });
  });
});

describe('a connection is as the Relay specification says', () => {
  interface Connection {
    edges: { cursor: string; node: { id: string } }[];
    nodes: { id: string }[];
    pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string; endCursor: string };
    totalCount: number;
  }

  async function page(list: string, args: string): Promise<Connection> {
    const query = `{ page: ${list}(${args}) {
      edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
    } }`;
    return (await api.ask<{ page: Connection }>(query, {}, operator)).page;
  }

  test.each([
    ['supervisors', ''],
    // Three of them are alike in this order, so that pages part them (trap: cursors over a non-unique order).
    ['supervisors', ', orderBy: [{field: NAME, direction: DESC}]'],
    ['supervisors', ', orderBy: [{field: STATE, direction: ASC}, {field: CREATED_AT, direction: DESC}]'],
    ['supervisors', ', filter: {state: {eq: PENDING}}, orderBy: [{field: PRIORITY, direction: DESC}]'],
    ['plugins', ''],
    ['plugins', ', orderBy: [{field: VERSION, direction: DESC}, {field: STATE, direction: ASC}]'],
    ['plugins', ', orderBy: [{field: UPDATED_AT, direction: DESC}]'],
    ['events', ''],
    ['events', ', filter: {or: [{kind: {eq: PLUGIN_CREATED}}, {not: {actor: {eq: "anonymous"}}}]}'],
  ])(
    '%s%s: forwards and backwards, page by page, every row once in the order of the whole list',
    async (list, args) => {
      const whole = await page(list, `first: 100${args}`);
      const ids = whole.nodes.map(({ id }) => id);
      expect(ids.length).toBeGreaterThan(3);
      expect(new Set(ids).size).toBe(whole.totalCount);

      const forwards: string[] = [];
      let next = await page(list, `first: 2${args}`);
      expect(next.pageInfo.hasPreviousPage).toBe(false);
      for (;;) {
        forwards.push(...next.nodes.map(({ id }) => id));
        expect(next.edges.map(({ node }) => node)).toEqual(next.nodes);
        expect(next.pageInfo.startCursor).toBe(next.edges[0]?.cursor);
        expect(next.pageInfo.endCursor).toBe(next.edges.at(-1)?.cursor);
        expect(next.totalCount).toBe(ids.length);
        if (!next.pageInfo.hasNextPage) break;
        next = await page(list, `first: 2, after: "${next.pageInfo.endCursor}"${args}`);
        expect(next.pageInfo.hasPreviousPage).toBe(true);
      }
      expect(forwards).toEqual(ids);

      const backwards: string[] = [];
      let previous = await page(list, `last: 2${args}`);
      expect(previous.pageInfo.hasNextPage).toBe(false);
      for (;;) {
        backwards.unshift(...previous.nodes.map(({ id }) => id));
        if (!previous.pageInfo.hasPreviousPage) break;
        previous = await page(list, `last: 2, before: "${previous.pageInfo.startCursor}"${args}`);
        expect(previous.pageInfo.hasNextPage).toBe(true);
      }
      expect(backwards).toEqual(ids);
    },
  );

  test('an empty page has no cursors', async () => {
    for (const args of ['first: 0', 'filter: {hostname: {eq: "z"}}']) {
      expect(await page('supervisors', args)).toMatchObject({
        edges: [],
        nodes: [],
        pageInfo: { startCursor: null, endCursor: null, hasPreviousPage: false },
      });
    }
  });
});

describe('order', () => {
  test.each([
    ['{field: HOSTNAME, direction: DESC}', ['g', 'f', 'e', 'd', 'c', 'b', 'a']],
    ['{field: STATE, direction: ASC}, {field: HOSTNAME, direction: DESC}', ['g', 'f', 'e', 'c', 'd', 'a', 'b']],
    ['{field: NAME, direction: ASC}, {field: HOSTNAME, direction: DESC}', ['f', 'a', 'g', 'b', 'e', 'd', 'c']],
  ])('%s', async (orderBy, expected) => {
    expect(await hostnames(`orderBy: [${orderBy}]`)).toEqual(expected);
  });
});

describe('counts by group set only the keys that were grouped by, the largest group first', () => {
  test.each<[string, string, Record<string, unknown>[]]>([
    [
      'supervisorStats',
      'groupBy: [STATE]',
      [
        { count: 4, state: 'PENDING', isPublic: null, domainId: null, label: null },
        { count: 2, state: 'ENABLED', isPublic: null, domainId: null, label: null },
        { count: 1, state: 'DISABLED', isPublic: null, domainId: null, label: null },
      ],
    ],
    [
      'supervisorStats',
      'groupBy: [IS_PUBLIC, DOMAIN_ID]',
      [{ count: 7, state: null, isPublic: false, domainId, label: null }],
    ],
    [
      'supervisorStats',
      'groupBy: [LABEL], labelKey: "env", filter: {labels: {hasKey: "env"}}',
      [
        { count: 2, state: null, isPublic: null, domainId: null, label: 'env=prod' },
        { count: 1, state: null, isPublic: null, domainId: null, label: 'env=dev' },
      ],
    ],
    [
      'pluginStats',
      'groupBy: [PLUGIN_ID]',
      [
        { count: 3, state: null, pluginId: 'collector', version: null, supervisorId: null, managed: null },
        { count: 1, state: null, pluginId: 'webhook', version: null, supervisorId: null, managed: null },
      ],
    ],
    [
      'pluginStats',
      'groupBy: [STATE, VERSION, MANAGED, STATE], filter: {pluginId: {eq: "webhook"}}',
      [{ count: 1, state: 'ACTIVE', pluginId: null, version: '1.0', supervisorId: null, managed: false }],
    ],
  ])('%s(%s)', async (field, args, expected) => {
    const keys = Object.keys(expected[0] ?? {}).join(' ');
    expect(await api.ask(`{ ${field}(${args}) { ${keys} } }`, {}, operator)).toEqual({ [field]: expected });
  });
});

describe('node and nodes', () => {
  test('find whatever has an id, in the order of the ids, null where there is nothing (A3: or nothing to be seen)', async () => {
    const supervisor = await idOf('a');
    const {
      plugins: found,
      events,
      supervisors,
    } = await api.ask<Record<string, { nodes: { id: string }[] }>>(
      `{ plugins(domainId: "${domainId}", first: 1) { nodes { id } }
         events(domainId: "${domainId}", first: 1) { nodes { id } }
         supervisors(domainId: "domain-other") { nodes { id } } }`,
    );
    const [plugin, event, foreign] = [found, events, supervisors].map((list) => list?.nodes[0]?.id ?? '');
    const ids = [event, 'nonsense', supervisor, foreign, plugin, 'supervisor-000000000000', supervisor, 'event-999999'];
    const query = `query ($ids: [ID!]!, $id: ID!) {
      nodes(ids: $ids) { __typename id ... on Supervisor { hostname } ... on Event { kind } }
      node(id: $id) { id ... on Plugin { pluginId } }
      supervisor(id: "${foreign}") { id } plugin(id: "nonsense") { id }
    }`;
    const a = { __typename: 'Supervisor', id: supervisor, hostname: 'a' };
    expect(await api.ask(query, { ids, id: plugin }, operator)).toEqual({
      nodes: [
        { __typename: 'Event', id: event, kind: 'SUPERVISOR_CREATED' },
        null,
        a,
        null,
        { __typename: 'Plugin', id: plugin },
        null,
        a,
        null,
      ],
      node: { id: plugin, pluginId: 'collector' },
      supervisor: null,
      plugin: null,
    });
  });
});

describe('what a viewer sees', () => {
  test('A6: a public supervisor of another domain only through includePublic, without tags and plugins of others', async () => {
    const query = `{ supervisors(includePublic: true, filter: {isPublic: {eq: true}}) {
      totalCount nodes { domainId tags plugins { totalCount nodes { id } } }
    } }`;
    expect(await api.ask(query, {}, operator)).toEqual({
      supervisors: {
        totalCount: 1,
        nodes: [{ domainId: 'domain-other', tags: {}, plugins: { totalCount: 0, nodes: [] } }],
      },
    });
    expect(await hostnames('filter: {isPublic: {eq: true}}')).toEqual([]);
  });

  test('A1, A2: another domain is FORBIDDEN, and so is what the role lacks', async () => {
    const foreign = '{ plugins(domainId: "domain-other") { totalCount } }';
    expect(await api.refusal(foreign, {}, operator)).toEqual({ code: 'FORBIDDEN' });
    const agent: Viewer = { ...operator, role: 'SUPERVISOR' };
    expect(await api.refusal('{ supervisors { totalCount } }', {}, agent)).toEqual({ code: 'FORBIDDEN' });
    const viewer: Viewer = { ...operator, role: 'VIEWER' };
    expect(await api.refusal(commandOf('enable', await idOf('a')), {}, viewer)).toEqual({ code: 'FORBIDDEN' });
  });

  test('viewer says who one is', async () => {
    const query = '{ viewer { subject role domainId } }';
    expect(await api.ask(query, {}, operator)).toEqual({ viewer: operator });
    expect(await api.ask(query)).toEqual({ viewer: { subject: 'anonymous', role: 'ADMIN', domainId: null } });
  });
});

test('E1: events tell what changed, by the names that the API has', async () => {
  const query = `{ events(last: 1, filter: {kind: {in: [SUPERVISOR_STATE_CHANGED]}}) {
    nodes { id cursor domainId kind supervisorId pluginInstanceId from to actor reason changes }
  } }`;
  expect(await api.ask(query, {}, operator)).toEqual({
    events: {
      nodes: [
        {
          id: expect.stringMatching(/^event-\d+$/),
          cursor: expect.any(String),
          domainId,
          kind: 'SUPERVISOR_STATE_CHANGED',
          supervisorId: await idOf('b'),
          pluginInstanceId: null,
          from: 'ENABLED',
          to: 'DISABLED',
          actor: 'anonymous',
          reason: 'DISABLED_BY_OPERATOR',
          changes: { state: { from: 'ENABLED', to: 'DISABLED' } },
        },
      ],
    },
  });
});

async function idOf(hostname: string): Promise<string> {
  const query = `{ supervisors(domainId: "${domainId}", filter: {hostname: {eq: "${hostname}"}}) { nodes { id } } }`;
  const { supervisors } = await api.ask<{ supervisors: { nodes: { id: string }[] } }>(query);
  return supervisors.nodes[0]?.id ?? '';
}

function commandOf(name: string, id: string): string {
  return `mutation { ${name}Supervisor(input: {supervisorId: "${id}"}) { supervisor { state } } }`;
}

async function hostnames(args: string): Promise<string[]> {
  const query = `{ supervisors(${args}) { nodes { hostname } } }`;
  const { supervisors } = await api.ask<{ supervisors: { nodes: { hostname: string }[] } }>(query, {}, operator);
  return supervisors.nodes.map(({ hostname }) => hostname);
}

async function plugins(args: string): Promise<string[]> {
  const query = `{ plugins(${args}) { nodes { pluginId version supervisor { hostname } } } }`;
  const { plugins: list } = await api.ask<{
    plugins: { nodes: { pluginId: string; version: string; supervisor: { hostname: string } }[] };
  }>(query, {}, operator);
  return list.nodes.map((node) => `${node.supervisor.hostname} ${node.pluginId} ${node.version}`);
}
