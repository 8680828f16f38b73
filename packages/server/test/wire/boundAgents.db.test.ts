import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  openReflectionClient,
  openStream,
  type ReflectionClient,
  refusalCode,
  useTestServer,
} from '../../testing/index.ts';

const secret = 'a secret of the tests, which is long enough';
const service = 'spaceone.api.plugin.v1.Supervisor';
const domainId = 'tenant';

const server = useTestServer({ env: { MUSTER_JWT_SECRET: secret } });
let grpc: ReflectionClient;

beforeAll(async () => {
  grpc = await openReflectionClient(server.grpcAddress);
});
afterAll(async () => {
  grpc.close();
});

function tokenOf(claims: object): string {
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: 'somebody', did: domainId, ...claims })}`;
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`;
}

const operator = tokenOf({ role: 'OPERATOR' });
const agentOf = (hostname: string) => tokenOf({ role: 'SUPERVISOR', hostname });

async function graphql(token: string, query: string): Promise<{ data: Record<string, unknown>; code: string | null }> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as {
    data?: Record<string, unknown> | null;
    errors?: { extensions: { code: string } }[];
  };
  return { data: data ?? {}, code: errors?.[0]?.extensions.code ?? null };
}

async function rest(token: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(`${server.url}/plugin/v1/supervisors`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const call = (token: string, method: string, request: object) =>
  grpc.call(service, method, request, { metadata: { token } });
const named = (hostname: string) => ({ name: hostname, hostname });

/** The ways in which an agent publishes and fetches; each resolves with DONE or the code of its refusal. */
const ways: Record<string, (token: string, hostname: string) => Promise<string>> = {
  'publishSupervisor over GraphQL': async (token, hostname) =>
    (
      await graphql(
        token,
        `mutation { publishSupervisor(input: {name: "a", hostname: "${hostname}"}) { supervisor { id } } }`,
      )
    ).code ?? 'DONE',
  'assignments over GraphQL': async (token, hostname) =>
    (await graphql(token, `{ assignments(hostname: "${hostname}") { pluginInstanceId } }`)).code ?? 'DONE',
  'watchAssignments over SSE': async (token, hostname) => {
    const query = `subscription { watchAssignments(hostname: "${hostname}") { cursor } }`;
    const stream = await openStream(server.url, query, {}, { authorization: `Bearer ${token}` });
    const { payload } = await stream.next();
    stream.close();
    const [error] = (payload?.errors ?? []) as { extensions: { code: string } }[];
    return error?.extensions.code ?? 'DONE';
  },
  'publish over REST': async (token, hostname) => {
    const { body } = await rest(token, named(hostname));
    return (body.error as { code: string } | undefined)?.code ?? 'DONE';
  },
  'publish over gRPC': (token, hostname) => codeOf(call(token, 'publish', named(hostname))),
  'list_plugins over gRPC': (token, hostname) => codeOf(call(token, 'list_plugins', { hostname, domain_id: domainId })),
};

const codeOf = (answer: Promise<unknown>) => answer.then(() => 'DONE', refusalCode);

describe.each(Object.entries(ways))('A7: %s', (name, way) => {
  test('is for the host that a token is bound to, and FORBIDDEN for any other', async () => {
    const prefix = name.replaceAll(' ', '-');
    const [own, other] = [`own-${prefix}`, `other-${prefix}`];
    for (const hostname of [own, other]) await rest(agentOf(hostname), named(hostname));
    expect(await way(agentOf(own), own)).toBe('DONE');
    expect(await way(agentOf(own), other)).toBe('FORBIDDEN');
    const unbound = tokenOf({ role: 'SUPERVISOR' });
    expect(await way(unbound, other)).toBe('DONE');
  });
});

test('P7: a publicity that an agent may not give is named in rejected, on every front, and the rest is taken', async () => {
  const refused = { code: 'FORBIDDEN', message: expect.stringContaining('got true') };
  const token = agentOf('proud');
  const mutation = `mutation { publishSupervisor(input: {name: "a", hostname: "proud", isPublic: true, labels: {a: 1}}) {
    supervisor { state isPublic labels } rejected { index field pluginId code message } } }`;
  expect(await graphql(token, mutation)).toMatchObject({
    code: null,
    data: {
      publishSupervisor: {
        supervisor: { state: 'PENDING', isPublic: false, labels: { a: 1 } },
        rejected: [{ index: -1, field: 'isPublic', pluginId: null, ...refused }],
      },
    },
  });
  const rejected = [{ index: -1, field: 'is_public', plugin_id: '', ...refused }];
  const report = { ...named('proud'), is_public: true };
  expect(await rest(token, report)).toMatchObject({ status: 200, body: { is_public: false, rejected } });
  expect(await call(token, 'publish', report)).toMatchObject({ is_public: false, rejected });
});

test('S9: operators see who was refused, and from where', async () => {
  await rest(agentOf('watched'), named('watched'));
  expect(await ways['publish over REST']?.(agentOf('thief'), 'watched')).toBe('FORBIDDEN');
  const query = `{ supervisors(filter: {hostname: {eq: "watched"}}) {
    nodes { conditions { type count lastAt lastAddress message } } } }`;
  const { data } = await graphql(operator, query);
  expect(data.supervisors).toMatchObject({
    nodes: [
      {
        conditions: [
          {
            type: 'IDENTITY_REFUSED',
            count: 1,
            lastAt: expect.any(String),
            lastAddress: '127.0.0.1',
            message: '1 request as watched was refused; the last, for its hostname, came from 127.0.0.1',
          },
        ],
      },
    ],
  });
});

describe('S6: the secret', () => {
  test('comes with list_plugins in secret_key; agents whose supervisor has none list as before', async () => {
    const token = tokenOf({ role: 'SUPERVISOR' });
    await rest(token, { ...named('secretive'), secret_key: 'right' });
    const list = { hostname: 'secretive', domain_id: domainId };
    expect(await codeOf(call(token, 'list_plugins', list))).toBe('FORBIDDEN');
    expect(await codeOf(call(token, 'list_plugins', { ...list, secret_key: 'wrong' }))).toBe('FORBIDDEN');
    expect(await call(token, 'list_plugins', { ...list, secret_key: 'right' })).toMatchObject({ total_count: 0 });
    const search = { ...list, secret_key: 'ignored', query: {} };
    expect(await call(operator, 'list_plugins', search)).toMatchObject({ total_count: 0 });
  });

  test('comes with assignments and watchAssignments as secretKey', async () => {
    const token = tokenOf({ role: 'SUPERVISOR' });
    await rest(token, { ...named('hidden'), secret_key: 'right' });
    const list = (more: string) => graphql(token, `{ assignments(hostname: "hidden"${more}) { pluginInstanceId } }`);
    expect([(await list('')).code, (await list(', secretKey: "wrong"')).code]).toEqual(['FORBIDDEN', 'FORBIDDEN']);
    expect(await list(', secretKey: "right"')).toEqual({ data: { assignments: [] }, code: null });
  });
});

describe('A7: an enrollment key', () => {
  const enrollmentToken = async () => {
    const query = 'mutation { createEnrollmentKey(input: {name: "a", maxNewcomers: 3}) { token } }';
    const { data } = await graphql(operator, query);
    return (data.createEnrollmentKey as { token: string }).token;
  };

  test('brings a newcomer in over GraphQL, which is answered with a token, once', async () => {
    const publish = (token: string) =>
      graphql(
        token,
        'mutation { publishSupervisor(input: {name: "a", hostname: "new-graphql"}) { token supervisor { state } } }',
      );
    const enrollment = await enrollmentToken();
    const { data } = await publish(enrollment);
    expect(data).toEqual({
      publishSupervisor: { token: expect.stringMatching(/^muster_/), supervisor: { state: 'PENDING' } },
    });
    const { token } = data.publishSupervisor as { token: string };
    expect((await publish(token)).data).toMatchObject({ publishSupervisor: { token: null } });
    expect(await publish(enrollment)).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('brings newcomers in over REST and gRPC, which are answered with api_key_token', async () => {
    const enrollment = await enrollmentToken();
    const { body } = await rest(enrollment, named('new-rest'));
    const over = { rest: body.api_key_token as string, grpc: '' };
    const answer = (await call(enrollment, 'publish', named('new-grpc'))) as { api_key_token: string };
    over.grpc = answer.api_key_token;
    expect(await rest(over.rest, named('new-rest'))).toMatchObject({ status: 200, body: { api_key_token: '' } });
    expect(await codeOf(call(over.grpc, 'publish', named('new-grpc')))).toBe('DONE');
    expect(await codeOf(call(over.grpc, 'publish', named('new-rest')))).toBe('FORBIDDEN');
  });
});

test('A8: past a quota the answer is LIMIT, whatever the front', async () => {
  const small = tokenOf({ role: 'OPERATOR', did: 'small' });
  const { data } = await graphql(
    small,
    'mutation { createEnrollmentKey(input: {name: "a", maxNewcomers: 1}) { token } }',
  );
  const { token } = data.createEnrollmentKey as { token: string };
  await rest(token, named('first'));
  const refused = await rest(token, named('second'));
  expect(refused).toMatchObject({
    status: 409,
    body: { error: { code: 'LIMIT', details: { quota: 'enrollment', limit: 1 } } },
  });
  await expect(call(token, 'publish', named('third'))).rejects.toMatchObject({
    code: 8,
    details: expect.stringMatching(/^ERROR_LIMIT: /),
  });
});

test('P9: list_plugins shows each plugin and version once, for as long as one domain wants it', async () => {
  const admin = tokenOf({ role: 'ADMIN', did: undefined });
  const { body } = await rest(agentOf('shared'), named('shared'));
  const supervisorId = body.supervisor_id as string;
  const register = `mutation { registerSupervisor(input: {supervisorId: "${supervisorId}", isPublic: true}) { supervisor { state } } }`;
  expect((await graphql(admin, register)).code).toBeNull();
  const input = `supervisorId: "${supervisorId}", pluginId: "collector", version: "1.0"`;
  for (const did of ['one', 'two']) {
    const installed = await graphql(
      tokenOf({ role: 'OPERATOR', did }),
      `mutation { installPlugin(input: {${input}}) { changed } }`,
    );
    expect(installed.data).toEqual({ installPlugin: { changed: true } });
  }
  const list = () => call(agentOf('shared'), 'list_plugins', { hostname: 'shared', domain_id: domainId });
  expect(await list()).toMatchObject({ total_count: 1, results: [{ plugin_id: 'collector', state: 'PROVISIONING' }] });
  const ran = [{ plugin_id: 'collector', version: '1.0', state: 'ACTIVE', domain_id: 'one' }];
  await call(agentOf('shared'), 'publish', { ...named('shared'), plugin_info: ran });
  for (const did of ['one', 'two']) {
    const found = await graphql(tokenOf({ role: 'VIEWER', did }), '{ plugins { nodes { state domainId } } }');
    expect(found.data).toEqual({ plugins: { nodes: [{ state: 'ACTIVE', domainId: did }] } });
  }
  const uninstall = (did: string) =>
    graphql(tokenOf({ role: 'OPERATOR', did }), `mutation { uninstallPlugin(input: {${input}}) { plugins { id } } }`);
  await uninstall('one');
  expect(await list()).toMatchObject({ total_count: 1 });
  await uninstall('two');
  expect(await list()).toMatchObject({ total_count: 0 });
});
