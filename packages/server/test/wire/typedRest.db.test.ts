import createClient from 'openapi-fetch';
import { expect, test } from 'vitest';
import { useTestServer } from '../../testing/index.ts';
import type { components, paths } from './restTypes.ts';

/*
 * A client whose types are made of the OpenAPI document, without a cast: `check` compiles this file. openapi.test.ts holds
 * restTypes.ts to be what openapi-typescript makes of the document now.
 */
const server = useTestServer();
const clientOf = () => createClient<paths>({ baseUrl: server.url });

type Refusal = components['schemas']['Error'];

/** The data of a reply. @throws Error with the refusal */
function dataOf<Data>({ data, error }: { data?: Data; error?: Refusal }): Data {
  if (error) throw new Error(`${error.error.code}: ${error.error.message}`);
  if (data === undefined) throw new Error('expected data or a refusal; got neither');
  return data;
}

test('a typed client publishes, registers, searches, counts and recovers', async () => {
  const client = clientOf();
  const domain_id = 'typed';
  const published = dataOf(
    await client.POST('/plugin/v1/supervisors', {
      body: {
        name: 'agent',
        hostname: 'a',
        domain_id,
        labels: { env: 'prod' },
        plugin_info: [{ plugin_id: 'collector', version: '1.0', state: 'ACTIVE', endpoint: 'grpc://a:1' }],
      },
    }),
  );
  expect(published.rejected.map(({ code }) => code.toLowerCase())).toEqual([]);
  expect(published.next_publish_in_ms.toFixed()).toMatch(/^\d+$/);
  const path = { supervisor_id: published.supervisor_id };

  const registered = dataOf(
    await client.POST('/plugin/v1/supervisor/{supervisor_id}/register', {
      params: { path },
      body: { priority: 3, tags: null },
    }),
  );
  expect([registered.state, registered.priority + 1, registered.hostname.length]).toEqual(['ENABLED', 4, 1]);

  const got = dataOf(await client.GET('/plugin/v1/supervisor/{supervisor_id}', { params: { path } }));
  expect([got.labels.env, got.is_public, got.rejected.length]).toEqual(['prod', false, 0]);

  const listed = dataOf(
    await client.POST('/plugin/v1/supervisors/search', {
      body: {
        domain_id,
        query: {
          filter: [{ k: 'labels.env', v: 'prod', o: 'eq' }],
          sort: { key: 'name', desc: true },
          page: { limit: 5 },
        },
      },
    }),
  );
  expect(listed.results.map(({ name, created_at }) => [name, Date.parse(created_at) > 0])).toEqual([['agent', true]]);
  expect(listed.total_count - 1).toBe(0);

  const counted = dataOf(
    await client.POST('/plugin/v1/supervisors/stat', { body: { domain_id, query: { distinct: 'state' } } }),
  );
  expect(counted.results).toEqual(['ENABLED']);
  expect(counted.total_count ?? 'none').toBe('none');

  const plugins = dataOf(await client.GET('/plugin/v1/supervisor/{supervisor_id}/plugins', { params: { path } }));
  const [plugin] = plugins.results;
  expect([plugin?.endpoints.join(), plugin?.managed]).toEqual(['grpc://a:1', false]);

  const recovered = dataOf(
    await client.POST('/plugin/v1/supervisor/{supervisor_id}/plugin/{plugin_id}/recover', {
      params: { path: { ...path, plugin_id: 'collector' } },
      body: { version: '1.0' },
    }),
  );
  expect(recovered.generation + 0).toBe(2);
});

test('a typed client knows the refusals', async () => {
  const { error, response } = await clientOf().GET('/plugin/v1/supervisor/{supervisor_id}', {
    params: { path: { supervisor_id: 'supervisor-000000000000' } },
  });
  expect(response.status).toBe(404);
  const code: Refusal['error']['code'] | undefined = error?.error.code;
  expect(code).toBe('NOT_FOUND');
});
