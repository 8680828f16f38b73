import { useTestServer } from '@muster/server/testing';
import { type Client, gql } from '@urql/core';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { createUrqlClient } from './examples/urql/client.ts';
import { openSite, type Site } from './site.ts';

const server = useTestServer();
let site: Site;
let client: Client;
// graphcache warns where it can't tell what a type's key is.
const warn = vi.spyOn(console, 'warn');
afterEach(() => expect(warn.mock.calls).toEqual([]));
afterAll(() => warn.mockRestore());
beforeAll(async () => {
  site = await openSite(server.url);
  client = createUrqlClient(site.url, site.token);
});

const plugins = gql`query ($first: Int = 20, $after: String) {
  plugins(first: $first, after: $after) {
    edges { node { id pluginId state } } pageInfo { hasNextPage endCursor }
  }
}`;

/** The last result of a query that stays on display. */
function show(query: typeof plugins, variables: Record<string, unknown> = {}) {
  const shown: { data?: unknown; error?: unknown } = {};
  const { unsubscribe } = client.query(query, variables).subscribe(({ data, error }) => {
    Object.assign(shown, { data, error });
  });
  onTestFinished(() => unsubscribe());
  return shown;
}

test('graphcache: the pages of a list join', async () => {
  for (const hostname of ['page-1', 'page-2', 'page-3']) await site.report(hostname, 'ACTIVE');
  const first = await client.query(plugins, { first: 2 }).toPromise();
  const { endCursor } = first.data.plugins.pageInfo;
  const both = await client.query(plugins, { first: 2, after: endCursor }).toPromise();
  expect(both.data).toMatchObject({ plugins: { edges: [{}, {}, {}], pageInfo: { hasNextPage: false } } });
});

test('graphcache: a mutation changes what queries show', async () => {
  const id = await site.report('mutated', 'ACTIVE');
  await site.ask('mutation ($id: ID!) { registerSupervisor(input: {supervisorId: $id}) { supervisor { id } } }', {
    id,
  });
  const one = gql`query ($id: ID!) { supervisor(id: $id) { id state conditions { type } drain { state } } }`;
  const shown = show(one, { id });
  await expect.poll(() => shown.data).toMatchObject({ supervisor: { state: 'ENABLED' } });
  const disable = gql`mutation ($id: ID!) { disableSupervisor(input: { supervisorId: $id }) { supervisor { id state } } }`;
  await client.mutation(disable, { id }).toPromise();
  await expect.poll(() => shown.data).toMatchObject({ supervisor: { state: 'DISABLED' } });
});

test('live events go into graphcache: a change, a new plugin, and one that is gone', async () => {
  const watch = gql`subscription ($after: Cursor) {
    watchPlugins(after: $after) { type cursor pluginInstanceId plugin { id pluginId state } }
  }`;
  const { unsubscribe } = client.subscription(watch, {}).subscribe(() => {});
  onTestFinished(() => unsubscribe());
  const shown = show(plugins);
  const state = (pluginId: string) =>
    (shown.data as { plugins?: { edges: { node: { pluginId: string; state: string } }[] } })?.plugins?.edges.find(
      ({ node }) => node.pluginId === pluginId,
    )?.node.state;
  const id = await site.report('live', 'ACTIVE', { pluginId: 'first' });
  await expect.poll(() => state('first')).toBe('ACTIVE');
  await site.report('live', 'ERROR', { pluginId: 'first' });
  await expect.poll(() => state('first')).toBe('ERROR');
  await site.ask('mutation ($id: ID!) { deregisterSupervisor(input: {supervisorId: $id}) { deregisteredId } }', { id });
  await expect.poll(() => state('first')).toBeUndefined();
});
