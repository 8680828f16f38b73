import { useTestServer } from '@muster/server/testing';
import { GraphQLClient } from 'graphql-request';
import { beforeAll, expect, expectTypeOf, test } from 'vitest';
import { DisableDocument } from './examples/codegen/generated/graphql.ts';
import { supervisors } from './examples/request/supervisors.ts';
import { SupervisorDocument } from './examples/tada/supervisor.ts';
import { openSite, type Site } from './site.ts';

/** `check` holds the types that are expected here. */
const server = useTestServer();
let site: Site;
let client: GraphQLClient;
beforeAll(async () => {
  site = await openSite(server.url);
  client = new GraphQLClient(site.url, { headers: { authorization: `Bearer ${site.token}` } });
});

test('graphql-codegen and graphql-request: documents are typed, scalars by what JSON has, and lists are read to their end', async () => {
  const hostnames = Array.from({ length: 3 }, (_, index) => `edge-${index}`);
  for (const hostname of hostnames) await site.report(hostname, 'ACTIVE');
  const names: string[] = [];
  for await (const supervisor of supervisors(client, { name: { startsWith: 'edge' } })) {
    expectTypeOf(supervisor.labels).toEqualTypeOf<Record<string, unknown>>();
    expectTypeOf(supervisor.lastSeenAt).toEqualTypeOf<string | null>();
    names.push(supervisor.name);
  }
  expect(names.sort()).toEqual(hostnames);
});

test('a mutation that is refused tells its code', async () => {
  const input = { supervisorId: 'supervisor-000000000000' };
  await expect(client.request(DisableDocument, { input })).rejects.toMatchObject({
    response: { errors: [{ extensions: { code: 'NOT_FOUND' } }] },
  });
});

test('gql.tada: a document is typed by its own text, scalars by what JSON has', async () => {
  const id = await site.report('typed', 'ACTIVE');
  const { supervisor } = await client.request(SupervisorDocument, { id });
  expectTypeOf(supervisor).toEqualTypeOf<{
    id: string;
    name: string;
    state: 'NONE' | 'PENDING' | 'ENABLED' | 'DISABLED' | 'DISCONNECTED';
    labels: Record<string, unknown>;
    lastSeenAt: string | null;
  } | null>();
  expect(supervisor).toMatchObject({ id, name: 'typed', labels: {} });
});
