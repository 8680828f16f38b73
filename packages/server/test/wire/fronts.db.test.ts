import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  graphql,
  openReflectionClient,
  type ReflectionClient,
  restClient,
  useTestServer,
} from '../../testing/index.ts';

const service = 'spaceone.api.plugin.v1.Supervisor';

const server = useTestServer();
let grpc: ReflectionClient;
let rest: ReturnType<typeof restClient>;

beforeAll(async () => {
  grpc = await openReflectionClient(server.grpcAddress);
  rest = restClient(server.url);
});
afterAll(async () => {
  grpc.close();
});

const call = (method: string, request: object) => grpc.call(service, method, request);
const publish = (domain_id: string, more: object = {}) =>
  call('publish', { name: 'agent', hostname: 'a', domain_id, ...more });
const collector = { plugin_id: 'collector', version: '1.0', state: 'ACTIVE', endpoint: 'grpc://a:1' };
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

describe('gRPC, to a client that knows only what reflection describes', () => {
  const domain_id = 'grpc';
  let supervisor_id: unknown;

  test('publish makes a newcomer, names what it could not take, and says when to publish next', async () => {
    const answer = await publish(domain_id, {
      tags: { rack: 7 },
      labels: [{ env: 'prod' }, 'zone=b'],
      plugin_info: [collector, { plugin_id: 'broken', state: 'ACTIVE' }],
    });
    supervisor_id = answer.supervisor_id;
    expect(answer).toMatchObject({
      supervisor_id: expect.stringMatching(/^supervisor-[0-9a-f]{12}$/),
      name: 'agent',
      hostname: 'a',
      state: 'PENDING',
      is_public: false,
      domain_id,
      created_at: time,
      updated_at: time,
      next_publish_in_ms: expect.any(Number),
      rejected: [{ index: 1, plugin_id: 'broken', version: '', code: 'BAD_USER_INPUT', message: expect.any(String) }],
    });
    expect(await rest.get(`/supervisor/${supervisor_id}`)).toMatchObject({
      body: { tags: { rack: 7 }, labels: { env: 'prod', zone: 'b' } },
    });
  });

  test('register sets what it says and leaves what it does not', async () => {
    expect(await call('register', { supervisor_id, domain_id, priority: 3 })).toMatchObject({
      state: 'ENABLED',
      name: 'agent',
      priority: 3,
    });
  });

  test('update takes a zero value for left out, as proto3 does', async () => {
    expect(await call('update', { supervisor_id, domain_id, name: 'renamed', priority: 0 })).toMatchObject({
      name: 'renamed',
      priority: 3,
    });
  });

  test('disable and enable', async () => {
    expect(await call('disable', { supervisor_id, domain_id })).toMatchObject({ state: 'DISABLED' });
    expect(await call('enable', { supervisor_id, domain_id })).toMatchObject({ state: 'ENABLED' });
  });

  test('get, and only what was asked for', async () => {
    expect(await call('get', { supervisor_id, domain_id })).toMatchObject({ name: 'renamed', state: 'ENABLED' });
    expect(await call('get', { supervisor_id, domain_id, only: ['hostname'] })).toMatchObject({
      name: '',
      hostname: 'a',
    });
  });

  test('list', async () => {
    expect(await call('list', { domain_id, supervisor_id })).toMatchObject({
      results: [{ supervisor_id, name: 'renamed' }],
      total_count: 1,
    });
    expect(await call('list', { domain_id, query: { filter: [{ k: 'name', v: 'other', o: 'eq' }] } })).toMatchObject({
      results: [],
      total_count: 0,
    });
  });

  test('stat answers a Struct', async () => {
    const query = {
      aggregate: [
        { group: { keys: [{ k: 'state', n: 'state' }], fields: [{ n: 'many', o: 'count' }] } },
        { sort: [{ key: 'state', desc: true }] },
      ],
      page: { limit: 10 },
    };
    expect(await call('stat', { domain_id, query })).toEqual({
      results: [{ many: 1, state: 'ENABLED' }],
      total_count: 1,
    });
  });

  test("list_plugins by hostname is an agent's own list; an unknown hostname gets an empty one", async () => {
    const [plugin] = (await call('list_plugins', { domain_id, hostname: 'a' })).results as object[];
    expect(plugin).toMatchObject({ ...collector, endpoints: ['grpc://a:1'], domain_id, supervisor_id, managed: false });
    expect(await call('list_plugins', { domain_id, hostname: 'unheard of' })).toMatchObject({
      results: [],
      total_count: 0,
    });
  });

  test('list_plugins by anything else searches', async () => {
    expect(await call('list_plugins', { domain_id, supervisor_id, state: 'ACTIVE' })).toMatchObject({
      results: [{ plugin_id: 'collector', supervisor_name: 'renamed' }],
      total_count: 1,
    });
    expect(await call('list_plugins', { domain_id, supervisor_id, state: 'ERROR' })).toMatchObject({ total_count: 0 });
  });

  test('recover_plugin', async () => {
    expect(
      await call('recover_plugin', { supervisor_id, domain_id, plugin_id: 'collector', version: '1.0' }),
    ).toMatchObject({
      state: 'RE_PROVISIONING',
      reason: 'RECOVER_REQUESTED',
      generation: 2,
      supervisor_name: 'renamed',
    });
  });

  test('notify_failure is taken; get_plugin_metadata is not served', async () => {
    const plugins = 'spaceone.api.plugin.v1.Plugin';
    const failure = { supervisor_id, plugin_id: 'collector', version: '1.0', domain_id };
    expect(await grpc.call(plugins, 'notify_failure', failure)).toEqual({});
    await expect(grpc.call(plugins, 'get_plugin_metadata', { plugin_id: 'collector' })).rejects.toMatchObject({
      code: 12,
      details: 'ERROR_UNIMPLEMENTED: get_plugin_metadata is described and not served',
    });
  });

  test('deregister answers an empty message', async () => {
    expect(await call('deregister', { supervisor_id, domain_id, force: true })).toEqual({});
    await expect(call('get', { supervisor_id, domain_id })).rejects.toMatchObject({
      code: 5,
      details: `ERROR_NOT_FOUND: no supervisor "${supervisor_id}"`,
    });
  });
});

describe('REST, by the routes of the reference', () => {
  const domain_id = 'rest';
  let supervisor_id = '';
  const path = () => `/supervisor/${supervisor_id}`;

  test('POST /supervisors', async () => {
    const body = { name: 'agent', hostname: 'a', domain_id, labels: { env: 'prod' }, plugin_info: [collector] };
    const reply = await rest.post('/supervisors', body);
    supervisor_id = String(reply.body.supervisor_id);
    expect(reply).toMatchObject({
      status: 200,
      body: {
        state: 'PENDING',
        is_public: false,
        labels: { env: 'prod' },
        tags: {},
        domain_id,
        created_at: time,
        rejected: [],
      },
    });
  });

  test('POST /supervisor/{supervisor_id}/register', async () => {
    expect(await rest.post(`${path()}/register`, { domain_id, priority: 3 })).toMatchObject({
      status: 200,
      body: { supervisor_id, state: 'ENABLED', priority: 3 },
    });
  });

  test('PUT /supervisor/{supervisor_id}: null clears, and zero is a value', async () => {
    expect(
      await rest.put(path(), { domain_id, name: 'renamed', labels: null, is_public: false, priority: 0 }),
    ).toMatchObject({
      status: 200,
      body: { name: 'renamed', labels: {}, priority: 0 },
    });
  });

  test('PUT /supervisor/{supervisor_id}/disable and enable, without a body', async () => {
    expect(await rest.put(`${path()}/disable?domain_id=${domain_id}`)).toMatchObject({
      status: 200,
      body: { state: 'DISABLED' },
    });
    expect(await rest.put(`${path()}/enable`)).toMatchObject({ status: 200, body: { state: 'ENABLED' } });
  });

  test('GET /supervisor/{supervisor_id}, whole or in part', async () => {
    expect(await rest.get(path())).toMatchObject({ status: 200, body: { supervisor_id, name: 'renamed' } });
    const { body } = await rest.get(`${path()}?only=name,state`);
    expect(body).toMatchObject({ name: 'renamed', state: 'ENABLED', hostname: '', labels: {}, priority: 0 });
  });

  test('GET /supervisors and POST /supervisors/search', async () => {
    const found = { status: 200, body: { results: [{ supervisor_id }], total_count: 1 } };
    const none = { status: 200, body: { results: [], total_count: 0 } };
    const query = { filter: [{ k: 'name', v: 'renamed', o: 'eq' }], sort: { key: 'name' } };
    const parameter = encodeURIComponent(JSON.stringify(query));
    expect(await rest.get(`/supervisors?domain_id=${domain_id}&is_public=false&query=${parameter}`)).toMatchObject(
      found,
    );
    expect(await rest.get(`/supervisors?domain_id=${domain_id}&is_public=true`)).toMatchObject(none);
    expect(await rest.post('/supervisors/search', { domain_id, query })).toMatchObject(found);
  });

  test('POST /supervisors/stat', async () => {
    const group = { keys: [{ k: 'hostname', n: 'host' }], fields: [{ n: 'many', o: 'count' }] };
    const query = { aggregate: [{ group }, { sort: { key: 'host' } }] };
    expect(await rest.post('/supervisors/stat', { domain_id, query })).toEqual({
      status: 200,
      body: { results: [{ host: 'a', many: 1 }] },
    });
  });

  test('GET /supervisor/{supervisor_id}/plugins and POST .../plugins/search', async () => {
    const found = {
      status: 200,
      body: { results: [{ ...collector, domain_id, supervisor_name: 'renamed' }], total_count: 1 },
    };
    expect(await rest.get(`${path()}/plugins?state=ACTIVE&version=1.0`)).toMatchObject(found);
    expect(await rest.get(`${path()}/plugins?state=NONE`)).toMatchObject(found);
    expect(await rest.post(`${path()}/plugins/search`, { query: { only: ['plugin_id'] } })).toMatchObject({
      status: 200,
      body: { results: [{ plugin_id: 'collector', version: '' }], total_count: 1 },
    });
  });

  test('POST /supervisor/{supervisor_id}/plugin/{plugin_id}/recover', async () => {
    expect(await rest.post(`${path()}/plugin/collector/recover`, { version: '1.0', domain_id })).toMatchObject({
      status: 200,
      body: { plugin_id: 'collector', state: 'RE_PROVISIONING', generation: 2 },
    });
  });

  test('DELETE /supervisor/{supervisor_id}/register', async () => {
    expect(await rest.remove(`${path()}/register?domain_id=${domain_id}`)).toEqual({ status: 200, body: {} });
    expect(await rest.get(path())).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });
});

test('list and get answer the same fields of a supervisor, over both fronts', async () => {
  const domain_id = 'alike';
  const { supervisor_id } = await publish(domain_id, { tags: { rack: 7 } });
  await call('register', { supervisor_id, domain_id, priority: 3, labels: { env: 'prod' } });
  const [listed] = (await call('list', { domain_id })).results as object[];
  expect(listed).toEqual(await call('get', { supervisor_id, domain_id }));
  const [overRest] = (await rest.post('/supervisors/search', { domain_id })).body.results as object[];
  expect(overRest).toEqual((await rest.get(`/supervisor/${supervisor_id}`)).body);
  expect(overRest).toMatchObject({ priority: 3 });
});

describe('Limits, P7: a plugin whose endpoint has no port is refused alone, with what was expected and what came', () => {
  const wrong = { ...collector, plugin_id: 'wrong', endpoint: 'grpc://a' };
  const message = expect.stringMatching(
    /^endpoint: expected scheme:\/\/host:port, .* or unix:\/path; got "grpc:\/\/a"$/,
  );
  const rejected = [{ index: 0, code: 'BAD_USER_INPUT', message }];
  const taken = async (domain_id: string) =>
    ((await call('list_plugins', { domain_id, hostname: 'a' })).results as { endpoint: string }[]).map(
      ({ endpoint }) => endpoint,
    );

  test('over gRPC', async () => {
    expect(await publish('port-grpc', { plugin_info: [wrong, collector] })).toMatchObject({ rejected });
    expect(await taken('port-grpc')).toEqual(['grpc://a:1']);
  });

  test('over REST', async () => {
    const report = { name: 'agent', hostname: 'a', domain_id: 'port-rest', plugin_info: [wrong, collector] };
    expect(await rest.post('/supervisors', report)).toMatchObject({ status: 200, body: { rejected } });
    expect(await taken('port-rest')).toEqual(['grpc://a:1']);
  });

  test('over GraphQL', async () => {
    const plugins = [wrong, collector].map(({ plugin_id: pluginId, ...report }) => ({ pluginId, ...report }));
    const input = { name: 'agent', hostname: 'a', domainId: 'port-graphql', plugins };
    const publishing =
      'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { rejected { index code message } } }';
    expect(await graphql(server.url, publishing, { input })).toMatchObject({
      data: { publishSupervisor: { rejected } },
    });
    expect(await taken('port-graphql')).toEqual(['grpc://a:1']);
  });
});

test('both fronts give the same answer to the same request', async () => {
  const domain_id = 'both';
  const plugin_info = [
    collector,
    { ...collector, plugin_id: 'other', state: 'ERROR', endpoint: '', message: 'no disk' },
  ];
  const { supervisor_id } = await publish(domain_id, { plugin_info });
  const requests = [
    ['get', { supervisor_id, domain_id }, () => rest.get(`/supervisor/${supervisor_id}`)],
    ['list', { domain_id }, () => rest.post('/supervisors/search', { domain_id })],
    ['list_plugins', { supervisor_id }, () => rest.get(`/supervisor/${supervisor_id}/plugins`)],
    ['register', { supervisor_id: 'nobody' }, () => rest.post('/supervisor/nobody/register', {})],
  ] as const;
  for (const [method, request, overRest] of requests) {
    const { body } = await overRest();
    const answer = await call(method, request).catch(({ details }) => ({ refusal: details }));
    const restAnswer = body.error ? { refusal: `ERROR_${body.error.code}: ${body.error.message}` } : body;
    expect(restAnswer).toEqual(answer);
  }
});
