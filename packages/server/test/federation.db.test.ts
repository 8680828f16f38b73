import { ApolloGateway, IntrospectAndCompose, LocalGraphQLDataSource, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fleetOf } from '../testing/fleet.ts';
import { graphql } from '../testing/graphql.ts';
import { useTestServer } from '../testing/testServer.ts';

const server = useTestServer({ env: { MUSTER_FEDERATION: 'true' } });
const closed = useTestServer({ env: { MUSTER_FEDERATION: 'true', MUSTER_INTROSPECTION: 'false' } });
const plain = useTestServer();
const domainId = 'federated';
let supervisorId = '';
let apollo: ApolloServer;

/** Another team's subgraph, which adds to supervisors and refers to them. */
const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type Note { text: String! supervisor: Supervisor! }
  type Supervisor @key(fields: "id") { id: ID! note: String! }
  type Query { notes: [Note!]! }
`);
const resolvers = {
  Query: { notes: () => [{ text: 'look here', supervisor: { id: supervisorId } }] },
  Supervisor: { note: ({ id }: { id: string }) => `about ${id}` },
};

beforeAll(async () => {
  supervisorId = await fleetOf(server.url, domainId).report('h', 'ACTIVE');
  const gateway = new ApolloGateway({
    supergraphSdl: new IntrospectAndCompose({
      subgraphs: [
        { name: 'muster', url: `${server.url}/graphql` },
        { name: 'notes', url: 'http://notes.invalid' },
      ],
    }),
    buildService: ({ name, url }) =>
      name === 'notes'
        ? new LocalGraphQLDataSource(buildSubgraphSchema([{ typeDefs, resolvers }]))
        : new RemoteGraphQLDataSource({ url: url ?? '' }),
  });
  apollo = new ApolloServer({ gateway });
  await apollo.start();
});
afterAll(() => apollo.stop());

async function ask(query: string): Promise<unknown> {
  const { body } = await apollo.executeOperation({ query, variables: { domainId } });
  if (body.kind !== 'single') throw new Error(`expected one answer; got ${body.kind}`);
  return JSON.parse(JSON.stringify(body.singleResult));
}

test('a gateway goes from an object of another subgraph to what Muster knows of it', async () => {
  expect(await ask('{ notes { text supervisor { hostname state plugins { totalCount } } } }')).toEqual({
    data: {
      notes: [{ text: 'look here', supervisor: { hostname: 'h', state: 'PENDING', plugins: { totalCount: 1 } } }],
    },
  });
});

test('a gateway adds what another subgraph knows to objects of Muster', async () => {
  const query =
    'query ($domainId: ID) { supervisors(domainId: $domainId) { nodes { hostname note } pageInfo { hasNextPage } } }';
  expect(await ask(query)).toEqual({
    data: {
      supervisors: {
        nodes: [{ hostname: 'h', note: `about ${supervisorId}` }],
        pageInfo: { hasNextPage: false },
      },
    },
  });
});

test('what a gateway asks for costs by how many objects it names', async () => {
  const query = `query ($representations: [_Any!]!) { _entities(representations: $representations) {
    ... on Supervisor { plugins(first: 100) { nodes { supervisor { id name hostname } } } }
  } }`;
  const many = (count: number) => ({
    representations: Array.from({ length: count }, () => ({ __typename: 'Supervisor', id: supervisorId })),
  });
  expect(await graphql(server.url, query, many(1))).toMatchObject({ data: { _entities: [{}] } });
  expect(await graphql(server.url, query, many(1_000))).toMatchObject({
    errors: [{ extensions: { code: 'TOO_COMPLEX' } }],
  });
});

test('where introspection is off, no client learns the schema from _service', async () => {
  expect(await graphql(closed.url, '{ _service { sdl } }')).toEqual({
    status: 200,
    errors: [expect.objectContaining({ message: expect.stringContaining('introspection is off') })],
  });
});

test('without MUSTER_FEDERATION the schema has nothing of it', async () => {
  expect(await graphql(plain.url, '{ _service { sdl } }')).toEqual({
    status: 200,
    errors: [expect.objectContaining({ message: expect.stringMatching(/^Cannot query field "_service"/) })],
  });
});
