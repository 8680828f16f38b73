import type { Viewer } from '@muster/core';
import { buildSchema, type GraphQLObjectType, isObjectType, validateSchema } from 'graphql';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildSchema as buildOwnSchema } from '../src/schema.ts';
import { buildSubgraphSchema } from '../src/subgraph.ts';
import { useTestApi } from '../testing/testApi.ts';

const api = useTestApi(buildSubgraphSchema);
const domainId = 'domain-subgraph';
const viewerOf = (domain: string, role: Viewer['role'] = 'VIEWER'): Viewer => ({
  subject: 'gateway',
  role,
  domainId: domain,
});

let supervisorId = '';
let pluginInstanceId = '';

beforeAll(async () => {
  const plugins = [{ pluginId: 'p', version: '1', state: 'ACTIVE' }];
  const { publishSupervisor } = await api.ask<{
    publishSupervisor: { supervisor: { id: string; plugins: { nodes: { id: string }[] } } };
  }>(
    'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { id plugins { nodes { id } } } } }',
    { input: { domainId, name: 'h', hostname: 'h', plugins } },
  );
  supervisorId = publishSupervisor.supervisor.id;
  pluginInstanceId = publishSupervisor.supervisor.plugins.nodes[0]?.id ?? '';
});

const entities = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
  __typename ... on Supervisor { hostname plugins { totalCount } } ... on Plugin { version }
} }`;
const ask = (representations: unknown[], viewer: Viewer = viewerOf(domainId)) =>
  api.ask(entities, { representations }, viewer);

describe('_entities', () => {
  test('finds what it names, in its order, by one statement a kind', async () => {
    const supervisor = { __typename: 'Supervisor', id: supervisorId };
    const plugin = { __typename: 'Plugin', id: pluginInstanceId };
    const statements = await api.statementsOf(async () => {
      expect(await ask([plugin, supervisor, plugin])).toEqual({
        _entities: [
          { __typename: 'Plugin', version: '1' },
          { __typename: 'Supervisor', hostname: 'h', plugins: { totalCount: 1 } },
          { __typename: 'Plugin', version: '1' },
        ],
      });
    });
    expect(statements).toEqual(['SELECT plugins', 'SELECT supervisors', 'SELECT plugins', 'SELECT count plugins']);
  });

  test('takes them as a literal, too', async () => {
    const query = `{ _entities(representations: [{ __typename: "Supervisor", id: "${supervisorId}" }]) { __typename } }`;
    expect(await api.ask(query, {}, viewerOf(domainId))).toEqual({ _entities: [{ __typename: 'Supervisor' }] });
  });

  test('A3: is null in place of what the viewer may not see, of what there is not, and of another type', async () => {
    const supervisor = { __typename: 'Supervisor', id: supervisorId };
    expect(await ask([supervisor], viewerOf('domain-other'))).toEqual({ _entities: [null] });
    const others = [
      { __typename: 'Plugin', id: supervisorId },
      { __typename: 'Supervisor', id: 'supervisor-000000000000' },
      { __typename: 'Note', id: 'x' },
    ];
    expect(await ask(others)).toEqual({ _entities: [null, null, null] });
  });

  test('A1: is FORBIDDEN for who may not read', async () => {
    const variables = { representations: [] };
    expect(await api.refusal(entities, variables, viewerOf(domainId, 'SUPERVISOR'))).toEqual({ code: 'FORBIDDEN' });
  });

  test.each([[[null]], [['text']], [[{ __typename: 'Supervisor' }]], [[{ __typename: 7, id: 'x' }]]])(
    'refuses %j, with its place',
    async (wrong) => {
      const representations = [{ __typename: 'Supervisor', id: supervisorId }, ...wrong];
      const { errors } = await api.run(entities, { representations }, viewerOf(domainId));
      expect(errors).toHaveLength(1);
    },
  );

  test('takes 1,000 at once', async () => {
    const many = (count: number) =>
      Array.from({ length: count }, () => ({ __typename: 'Supervisor', id: supervisorId }));
    expect(((await ask(many(1_000))) as { _entities: unknown[] })._entities).toHaveLength(1_000);
    expect(await api.refusal(entities, { representations: many(1_001) }, viewerOf(domainId))).toEqual({
      code: 'BAD_USER_INPUT',
      path: ['representations'],
    });
  });
});

describe('the subgraph', () => {
  test('is a valid schema, which has all that the schema has', () => {
    expect(validateSchema(api.schema)).toEqual([]);
    const fieldsOf = (type: unknown) => (isObjectType(type) ? Object.keys(type.getFields()) : []);
    const own = buildOwnSchema();
    for (const [name, type] of Object.entries(own.getTypeMap())) {
      expect(fieldsOf(api.schema.getType(name))).toEqual(expect.arrayContaining(fieldsOf(type)));
    }
    expect(fieldsOf(own.getQueryType())).not.toContain('_entities');
  });

  test('tells gateways a schema whose Node types have their id as key', async () => {
    const { _service } = await api.ask<{ _service: { sdl: string } }>('{ _service { sdl } }');
    const definitions = 'directive @key(fields: String!) on OBJECT directive @shareable on OBJECT';
    const [link = '', ...rest] = _service.sdl.split('\n');
    expect(link).toMatch(/^extend schema @link\(url: "https:\/\/specs.apollo.dev\/federation\/v2/);
    const composed = buildSchema(`${definitions}\n${rest.join('\n')}`);
    const keyed = Object.values(composed.getTypeMap()).filter((type): type is GraphQLObjectType =>
      Boolean(isObjectType(type) && type.astNode?.directives?.some(({ name }) => name.value === 'key')),
    );
    expect(keyed.map(({ name }) => name).sort()).toEqual([
      'ApiKey',
      'Deployment',
      'Event',
      'Plugin',
      'Release',
      'Rollout',
      'Supervisor',
    ]);
    expect(composed.getType('_Any')).toBeUndefined();
  });
});
