import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { useTestApi } from '../testing/testApi.ts';

/**
 * What the main queries cost: the statements that each runs, whatever the number of rows. One that grows with the
 * rows (N+1) fails here.
 */
const api = useTestApi();
const ids = { few: [] as string[], many: [] as string[] };

beforeAll(async () => {
  ids.few = await fleet('few', 2, 1);
  // As many rows as become an answer in one turn: each further turn loads what lies beyond its rows.
  ids.many = await fleet('many', 20, 5);
  for (const [domainId, all] of Object.entries(ids)) {
    await roll(
      domainId,
      all.filter((id) => id.startsWith('supervisor-')),
    );
  }
});

/** As many rollouts as supervisors, each with a step on each of them. */
async function roll(domainId: string, supervisorIds: readonly string[]): Promise<void> {
  for (const [i] of supervisorIds.entries()) {
    await api.db.prisma.rollout.create({
      data: {
        id: `rollout-${randomBytes(6).toString('hex')}`,
        domainId,
        pluginId: `p${i}`,
        fromVersion: '1',
        toVersion: '2',
        maxUnavailable: 1,
        healthyDeadlineSeconds: 600,
        deadlineAt: new Date(),
        actor: 'test',
        steps: { create: supervisorIds.map((supervisorId, position) => ({ supervisorId, position })) },
      },
    });
  }
}

async function fleet(domainId: string, supervisors: number, plugins: number): Promise<string[]> {
  const publish = `mutation ($input: PublishSupervisorInput!) {
    publishSupervisor(input: $input) { supervisor { id plugins { nodes { id } } } }
  }`;
  const found: string[] = [];
  for (let i = 0; i < supervisors; i++) {
    const reports = Array.from({ length: plugins }, (_, n) => ({ pluginId: `p${n}`, version: '1', state: 'ACTIVE' }));
    const input = { domainId, name: `s${i}`, hostname: `h${i}`, plugins: reports };
    const { publishSupervisor } = await api.ask<{
      publishSupervisor: { supervisor: { id: string; plugins: { nodes: { id: string }[] } } };
    }>(publish, { input });
    const { supervisor } = publishSupervisor;
    found.push(supervisor.id, ...supervisor.plugins.nodes.map(({ id }) => id));
  }
  return found;
}

const everyField = `id domainId pluginId version state endpoint endpoints managed supervisorId supervisorName
  supervisor { id name connected lastSeenAt } reason message generation observedGeneration stateChangedAt`;

/** One statement finds those that are there, and as they last were those that are not. */
const supervisorsOfPlugins = 'SELECT supervisors events';

const page = '(domainId: $domainId, first: 20)';
const queries: Record<string, [query: string, expected: string[]]> = {
  'supervisors, their plugins, and the supervisor of each plugin': [
    `query ($domainId: ID!) { supervisors${page} {
      nodes { id labels tags connected lastSeenAt plugins(first: 10) { nodes { ${everyField} } } }
    } }`,
    ['SELECT supervisors', 'SELECT leases', 'SELECT plugins', supervisorsOfPlugins, 'SELECT leases'],
  ],
  'supervisors, their plugins, and totalCount of both': [
    `query ($domainId: ID!) { supervisors${page} {
      totalCount pageInfo { hasNextPage } nodes { plugins(first: 10) { totalCount nodes { id } } }
    } }`,
    ['SELECT supervisors', 'SELECT count supervisors', 'SELECT plugins', 'SELECT count plugins'],
  ],
  'supervisors, with two pages of plugins each': [
    `query ($domainId: ID!) { supervisors${page} { nodes {
      a: plugins(first: 1) { nodes { id } } b: plugins(last: 1) { nodes { id } } c: plugins(first: 1) { nodes { version } }
    } } }`,
    ['SELECT supervisors', 'SELECT plugins', 'SELECT plugins'],
  ],
  'supervisors that nobody counts': [
    `query ($domainId: ID!) { supervisors${page} { nodes { id name state plugins { pageInfo { hasNextPage } } } } }`,
    ['SELECT supervisors', 'SELECT plugins'],
  ],
  'a count of supervisors alone': [
    'query ($domainId: ID!) { supervisors(domainId: $domainId, first: 0) { totalCount } }',
    ['SELECT count supervisors'],
  ],
  'plugins, with their supervisors': [
    `query ($domainId: ID!) { plugins${page} { nodes { ${everyField} } } }`,
    ['SELECT plugins', supervisorsOfPlugins, 'SELECT leases'],
  ],
  'plugins by a filter on their supervisors': [
    `query ($domainId: ID!) { plugins(domainId: $domainId, filter: {supervisor: {hostname: {startsWith: "h"}}}) {
      totalCount nodes { id }
    } }`,
    ['SELECT supervisors plugins', 'SELECT count supervisors plugins'],
  ],
  'counts by group': [
    `query ($domainId: ID!) {
      supervisorStats(domainId: $domainId, groupBy: [STATE, LABEL]) { count state label }
      pluginStats(domainId: $domainId, groupBy: [STATE]) { count state }
    }`,
    ['SELECT count supervisors', 'SELECT count plugins'],
  ],
  'rollouts alone': [
    'query ($domainId: ID!) { rollouts(domainId: $domainId) { nodes { id state } } }',
    ['SELECT rollouts'],
  ],
  'rollouts, with their steps and the supervisor of each': [
    `query ($domainId: ID!) { rollouts(domainId: $domainId) { nodes { steps(first: 5) { nodes { state supervisor { name tags lastSeenAt } } } } } }`,
    ['SELECT rollouts', 'SELECT rollouts rollout_steps', supervisorsOfPlugins, 'SELECT leases'],
  ],
  events: [
    `query ($domainId: ID!) { events${page} { nodes { id cursor kind changes supervisorId } } }`,
    ['SELECT events event_log', 'SELECT events'],
  ],
};

describe('a query runs the same statements for 2 supervisors with a plugin each and for 20 with 5 each', () => {
  test.each(Object.entries(queries))('%s', async (_title, [query, expected]) => {
    expect(await api.statementsOf(() => api.ask(query, { domainId: 'few' }))).toEqual(expected);
    expect(await api.statementsOf(() => api.ask(query, { domainId: 'many' }))).toEqual(expected);
  });

  test('nodes: one statement a kind, whatever the number of ids, and one each for what lies beyond them', async () => {
    const query = `query ($ids: [ID!]!) { nodes(ids: $ids) {
      ... on Supervisor { id lastSeenAt plugins(first: 1) { nodes { id } } }
      ... on Plugin { id supervisorName supervisor { hostname } }
      ... on Event { id kind }
    } }`;
    const expected = [
      'SELECT supervisors',
      'SELECT plugins',
      'SELECT events',
      'SELECT leases',
      'SELECT plugins',
      supervisorsOfPlugins,
    ];
    for (const set of [ids.few, ids.many.slice(0, 90)]) {
      const statements = await api.statementsOf(() => api.ask(query, { ids: [...set, 'event-1', 'event-2'] }));
      expect(statements).toEqual(expected);
    }
  });

  test('one supervisor, with all that it has', async () => {
    const [id] = ids.many;
    const query = `query ($id: ID!) { supervisor(id: $id) {
      id connected lastSeenAt plugins(first: 10) { totalCount nodes { supervisorName supervisor { lastSeenAt } } }
    } }`;
    expect(await api.statementsOf(() => api.ask(query, { id }))).toEqual([
      'SELECT supervisors',
      'SELECT leases',
      'SELECT plugins',
      'SELECT count plugins',
      supervisorsOfPlugins,
      'SELECT leases',
    ]);
  });

  test('one node, and an id that can be none costs nothing', async () => {
    const query = 'query ($id: ID!) { node(id: $id) { id ... on Supervisor { name } } }';
    expect(await api.statementsOf(() => api.ask(query, { id: ids.many[0] }))).toEqual(['SELECT supervisors']);
    expect(await api.statementsOf(() => api.ask(query, { id: 'nonsense' }))).toEqual([]);
  });

  test('L2: a heartbeat is one statement', async () => {
    const publish = `mutation { publishSupervisor(input: {domainId: "few", name: "s0", hostname: "h0"}) { nextPublishInMs } }`;
    await api.ask(publish);
    expect(await api.statementsOf(() => api.ask(publish))).toHaveLength(1);
  });
});
