import type { ApolloClient } from '@apollo/client';
import { gql } from '@apollo/client';
import { useTestServer } from '@muster/server/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createApolloClient } from './examples/apollo/client.ts';
import { keepPlugins, PLUGINS } from './examples/apollo/plugins.ts';
import { openSite, type Site } from './site.ts';

const server = useTestServer();
let site: Site;
let client: ApolloClient;
beforeAll(async () => {
  site = await openSite(server.url);
  client = createApolloClient(site.url, site.token);
});
afterAll(() => client.stop());

const fail = (error: unknown) => {
  throw error;
};

test('typePolicies: the pages of a list join, and another filter is another list', async () => {
  for (const hostname of ['page-1', 'page-2', 'page-3']) await site.report(hostname, 'ACTIVE');
  const list = client.watchQuery({ query: PLUGINS, variables: { first: 2 } });
  const subscription = list.subscribe(() => {});
  onTestFinished(() => subscription.unsubscribe());
  const shown = () => list.getCurrentResult().data;
  await expect.poll(shown).toMatchObject({ plugins: { edges: [{}, {}], pageInfo: { hasNextPage: true } } });
  await list.fetchMore({ variables: { after: shown()?.plugins?.pageInfo?.endCursor ?? null } });
  await expect.poll(shown).toMatchObject({
    plugins: { edges: [{}, {}, {}], pageInfo: { hasNextPage: false } },
  });
  const none = gql`{ plugins(filter: { state: { eq: ERROR } }) { edges { node { id } } } }`;
  expect((await client.query({ query: none })).data).toMatchObject({ plugins: { edges: [] } });
});

test('a mutation changes what the cache has, and a supervisor of a list is read from there', async () => {
  const id = await site.report('mutated', 'ACTIVE');
  await site.ask('mutation ($id: ID!) { registerSupervisor(input: {supervisorId: $id}) { supervisor { id } } }', {
    id,
  });
  await client.query({ query: gql`{ supervisors { edges { node { id state labels } } } }` });
  const one = gql`query ($id: ID!) { supervisor(id: $id) { id state labels } }`;
  const read = () => client.readQuery<{ supervisor: object }>({ query: one, variables: { id } })?.supervisor;
  expect(read()).toMatchObject({ state: 'ENABLED', labels: {} });
  await client.mutate({
    mutation: gql`mutation ($id: ID!) { disableSupervisor(input: { supervisorId: $id }) { supervisor { id state } } }`,
    variables: { id },
  });
  expect(read()).toMatchObject({ state: 'DISABLED' });
});

test("one field's refusal leaves the others their data", async () => {
  const { data, error } = await client.query({
    query: gql`{ viewer { role } blockedHostnames(first: -1) { totalCount } }`,
    errorPolicy: 'all',
  });
  expect(data).toEqual({
    __typename: undefined,
    viewer: expect.objectContaining({ role: 'OPERATOR' }),
    blockedHostnames: null,
  });
  expect(error).toMatchObject({ errors: [{ path: ['blockedHostnames'], extensions: { code: 'BAD_USER_INPUT' } }] });
});

test('live events go into the cache: a change, a new plugin, and one that is gone', async () => {
  const list = client.watchQuery({ query: PLUGINS });
  let shown: Record<string, string> = {};
  const subscription = list.subscribe(({ data }) => {
    shown = Object.fromEntries(data?.plugins?.edges?.map((edge) => [edge?.node?.pluginId, edge?.node?.state]) ?? []);
  });
  const live = keepPlugins(client, fail);
  onTestFinished(() => {
    live.unsubscribe();
    subscription.unsubscribe();
  });
  const id = await site.report('live', 'ACTIVE', { pluginId: 'first' });
  await expect.poll(() => shown.first).toBe('ACTIVE');
  await site.report('live', 'ERROR', { pluginId: 'first' });
  await expect.poll(() => shown.first).toBe('ERROR');
  await site.ask('mutation ($id: ID!) { deregisterSupervisor(input: {supervisorId: $id}) { deregisteredId } }', { id });
  await expect.poll(() => shown.first).toBeUndefined();
});
