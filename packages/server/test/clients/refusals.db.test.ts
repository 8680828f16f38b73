import { useTestServer } from '@muster/server/testing';
import { createClient } from 'graphql-ws';
import { beforeAll, describe, expect, test } from 'vitest';
import { createLiveClient } from './examples/live.ts';
import { createEventClient } from './examples/sse/client.ts';
import { openSite, type Site } from './site.ts';

const server = useTestServer();
let site: Site;
beforeAll(async () => {
  site = await openSite(server.url);
});

describe.each([
  ['graphql-ws', createLiveClient],
  ['graphql-sse', createEventClient],
])('%s', (_name, create) => {
  /** The refusal of a subscription. */
  const refusalOf = (query: string, variables = {}, token = site.token) => {
    const client = create(site.url, token);
    return new Promise((resolve) => {
      client.subscribe({ query, variables }, { next: () => {}, error: resolve, complete: () => resolve('complete') });
    }).finally(() => client.dispose());
  };

  test.each([
    ['another domain', 'subscription { watchPlugins(domainId: "other") { type } }', 'FORBIDDEN'],
    ['a wrong document', 'subscription { nothing }', 'BAD_USER_INPUT'],
    ['a wrong argument', 'subscription { watchPlugins(after: "x") { type } }', 'BAD_USER_INPUT'],
    [
      'an object that is not there',
      'subscription { rolloutChanged(id: "rollout-000000000000") { cursor } }',
      'NOT_FOUND',
    ],
  ])('a subscription that is refused is over, and says why: %s', async (_case, query, code) => {
    expect(await refusalOf(query)).toMatchObject([{ extensions: { code } }]);
  });
});

test('graphql-ws: a credential that is refused ends the connection, and is not tried again', async () => {
  const client = createLiveClient(site.url, 'muster_wrong');
  const refusal = await new Promise((error) => {
    client.subscribe({ query: '{ viewer { role } }' }, { next: () => {}, error, complete: () => {} });
  });
  expect(refusal).toMatchObject({ code: 4403, reason: expect.stringMatching(/^UNAUTHENTICATED: /) });
});

test('graphql-sse: a credential that is refused ends the subscription, and is not tried again', async () => {
  const client = createEventClient(site.url, 'muster_wrong');
  const refusal = await new Promise((error) => {
    client.subscribe(
      { query: 'subscription { watchPlugins { type } }' },
      { next: () => {}, error, complete: () => {} },
    );
  });
  expect(refusal).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
});

test.each([
  ['authorization', (value: string) => ({ authorization: value })],
  ['Authorization', (value: string) => ({ Authorization: value })],
  ['headers', (value: string) => ({ headers: { authorization: value } })],
])('graphql-ws: connectionParams name the credential as clients do: %s', async (_name, paramsOf) => {
  const client = createClient({
    url: site.url.replace('http', 'ws'),
    connectionParams: paramsOf(`Bearer ${site.token}`),
    retryAttempts: 0,
  });
  for await (const { data } of client.iterate({ query: '{ viewer { role } }' })) {
    expect(data).toEqual({ viewer: { role: 'OPERATOR' } });
  }
  await client.dispose();
});
