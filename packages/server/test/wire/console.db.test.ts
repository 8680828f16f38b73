import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { consoleFiles } from '../../testing/consoleFiles.ts';
import { type Answer, openReflectionClient, type ReflectionClient, useTestServer } from '../../testing/index.ts';

const service = 'spaceone.api.plugin.v1.Supervisor';
const domain_id = 'console';

const server = useTestServer();
/** The console's client: it keeps its own copies of what the services import, and refuses other ones. */
let console: ReflectionClient;
const call = (method: string, request: object) => console.call(service, method, { domain_id, ...request });
const named = ({ results }: Answer) => (results as { name: string }[]).map(({ name }) => name);

beforeAll(async () => {
  console = await openReflectionClient(server.grpcAddress, 'v1alpha', consoleFiles());
  for (const [i, hostname] of ['alpha', 'beta', 'gamma'].entries()) {
    const plugin_info = ['collector', 'webhook'].slice(0, i).map((plugin_id) => ({
      plugin_id,
      version: '1.0',
      state: i === 2 ? 'ERROR' : 'ACTIVE',
      endpoint: `grpc://${hostname}:1`,
      endpoints: [`grpc://${hostname}:1`, `grpc://${hostname}:2`],
    }));
    const published = await call('publish', { name: hostname, hostname, labels: [{ tier: i }], plugin_info });
    if (i > 0) await call('register', { supervisor_id: published.supervisor_id });
  }
});
afterAll(() => console.close());

describe('a client like the console’s', () => {
  test('lists a page in an order, and learns how many there are', async () => {
    const query = { sort: [{ key: 'name', desc: true }], page: { start: 1, limit: 2 } };
    const page = await call('list', { query });
    expect([named(page), page.total_count]).toEqual([['gamma', 'beta'], 3]);
    const everything = { page: { start: 1, limit: 4_294_967_295 } };
    expect(named(await call('list', { query: everything }))).toEqual(['alpha', 'beta', 'gamma']);
  });

  test('searches by conditions and keywords, with states as it has them', async () => {
    const found = async (query: object) => named(await call('list', { query }));
    expect(await found({ filter: [{ k: 'state', v: ['enabled', 'NONE'], o: 'in' }] })).toEqual(['beta', 'gamma']);
    expect(await found({ filter: [{ key: 'labels.tier', value: 1, operator: 'gte' }] })).toEqual(['beta', 'gamma']);
    expect(await found({ filter: [{ k: 'is_public', v: 'false', o: 'eq' }], keyword: 'ALPH bet' })).toEqual([
      'alpha',
      'beta',
    ]);
    expect(
      await found({
        filter_or: [
          { k: 'name', v: 'alpha', o: 'eq' },
          { k: 'name', v: 'am', o: 'contain' },
        ],
      }),
    ).toEqual(['alpha', 'gamma']);
  });

  test('counts, with and without groups', async () => {
    expect(await call('list', { query: { count_only: true } })).toEqual({ results: [], total_count: 3 });
    const group = { keys: [{ k: 'state', n: 'state' }], fields: [{ n: 'count', o: 'count' }] };
    const aggregate = [{ group }, { sort: [{ key: 'count', desc: true }] }];
    expect(await call('stat', { query: { aggregate } })).toEqual({
      results: [
        { state: 'ENABLED', count: 2 },
        { state: 'PENDING', count: 1 },
      ],
    });
    const byYear = {
      keys: [{ k: 'created_at', n: 'year', date_format: 'year' }],
      fields: [{ n: 'count', o: 'count' }],
    };
    expect(await call('stat', { query: { aggregate: [{ group: byYear }] } })).toEqual({
      results: [{ year: new Date().getUTCFullYear(), count: 3 }],
    });
    expect(await call('stat', { query: { distinct: 'hostname' } })).toEqual({ results: ['alpha', 'beta', 'gamma'] });
  });

  test('lists the plugins of a host by a query, which is a search and no sign of life', async () => {
    const listed = await call('list_plugins', { hostname: 'gamma', query: { sort: [{ key: 'plugin_id' }] } });
    expect(listed).toMatchObject({
      results: [{ plugin_id: 'collector', state: 'ERROR' }, { plugin_id: 'webhook' }],
      total_count: 2,
    });
    const unwind = { path: 'endpoints', filter: [{ k: 'endpoints', v: ':2', o: 'contain' }] };
    expect(await call('list_plugins', { hostname: 'beta', query: { unwind } })).toMatchObject({
      results: [{ plugin_id: 'collector', endpoints: ['grpc://beta:2'] }],
      total_count: 1,
    });
  });
});
