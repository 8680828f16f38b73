import { createApiKey, openCore, type Role } from '@muster/core';
import { openTestDatabase } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  openReflectionClient,
  openSocket,
  openStream,
  type ReflectionClient,
  startTestServer,
  type TestServer,
} from '../testing/index.ts';

const maxBytes = 65_536;
const domainId = 'tenant';
const service = 'spaceone.api.plugin.v1.Supervisor';
const keys: Partial<Record<Role, string>> = {};
const statements: string[] = [];
let server: TestServer;
let grpc: ReflectionClient;
let supervisorId: string;

beforeAll(async () => {
  const db = await openTestDatabase({ onQuery: (text) => void statements.push(text) });
  const makers = await openCore(db, { sweeps: false });
  const root = { subject: 'root', role: 'ADMIN' as const, domainId: null };
  for (const role of ['OPERATOR', 'SUPERVISOR'] as const) {
    keys[role] = (await createApiKey(makers.core, root, { name: role, role, domainId })).token;
  }
  await makers.close();
  // The statements of one request are counted: no sweep may come in between.
  const env = { MUSTER_MAX_ANSWER_BYTES: `${maxBytes}`, MUSTER_SWEEP_INTERVAL_MS: '600000' };
  server = await startTestServer({ db, env });
  grpc = await openReflectionClient(server.grpcAddress);
  supervisorId = await insertRows();
});
afterAll(async () => {
  grpc.close();
  await server.stop();
});

/** A supervisor with 40 plugins of 4 KB each, and 400 that it is to run; the last of all has a row of more than the bound. */
async function insertRows(): Promise<string> {
  const plugins = Array.from({ length: 40 }, (_, i) => ({
    pluginId: `large-${i}`,
    version: '1',
    state: 'ACTIVE',
    message: 'm'.repeat(4_000),
  }));
  const { data } = await ask<{ publishSupervisor: { supervisor: { id: string } } }>(
    'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { id } } }',
    { variables: { input: { domainId, name: 'h', hostname: 'h', plugins } }, role: 'SUPERVISOR' },
  );
  const id = data?.publishSupervisor.supervisor.id ?? '';
  await server.db.sql.query(
    `INSERT INTO plugins (id, supervisor_id, domain_id, plugin_id, version, state, managed, wanted, endpoints)
     SELECT 'instance-' || lpad(to_hex(n), 16, '0'), $1::text, $2::text, 'wanted-' || n || '-' || repeat('x', 200), '1', 'ACTIVE', TRUE, TRUE,
       CASE WHEN n = 400 THEN array_fill(repeat('e', 2000), ARRAY[60]) ELSE '{}' END
     FROM generate_series(1, 400) AS n`,
    [id, domainId],
  );
  return id;
}

interface Asking {
  role?: Role;
  variables?: object;
  headers?: Record<string, string>;
}

interface Reply<Data> {
  status: number;
  data?: Data | null;
  errors?: { message: string; extensions: Record<string, unknown> }[];
}

const bearer = (role: Role) => ({ authorization: `Bearer ${keys[role]}` });

async function ask<Data = Record<string, unknown>>(
  query: string,
  { role = 'OPERATOR', variables = {}, headers = {} }: Asking = {},
): Promise<Reply<Data>> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...bearer(role), ...headers },
    body: JSON.stringify({ query, variables }),
  });
  return { status: response.status, ...((await response.json()) as object) };
}

const page = (first: number) =>
  `plugins(first: ${first}, orderBy: [{ field: PLUGIN_ID, direction: ASC }]) { nodes { id message } }`;
const compiled = (first: number) => `{ ${page(first)} }`;
const byResolvers = (first: number) => `{ rollouts(first: 1) { nodes { id } } ${page(first)} }`;
const largeRow = 'instance-0000000000000190';

const tooLarge = {
  message: expect.stringMatching(/^expected an answer of at most 65536 bytes; got .*: ask for fewer rows or fields/),
  extensions: expect.objectContaining({ code: 'TOO_COMPLEX', maxBytes }),
};

describe('W3: an answer of more bytes than the bound is TOO_COMPLEX', () => {
  test.each([
    ['a page by a statement of its own', compiled(40)],
    ['a page by resolvers', byResolvers(20)],
    ['a row by a statement of its own', `{ plugin(id: "${largeRow}") { endpoints } }`],
    ['a row by resolvers', `{ rollouts(first: 1) { nodes { id } } plugin(id: "${largeRow}") { endpoints } }`],
  ])('over HTTP: %s', async (_, query) => {
    for (const accept of ['application/json', 'application/graphql-response+json', 'application/json;charset=utf-8']) {
      expect(await ask(query, { headers: { accept } })).toEqual({ status: 400, errors: [tooLarge] });
    }
    const url = `${server.url}/graphql?query=${encodeURIComponent(query)}`;
    const got = await fetch(url, { headers: bearer('OPERATOR') });
    expect([got.status, await got.json()]).toEqual([400, { errors: [tooLarge] }]);
  });

  test.each([compiled, byResolvers])('and fewer rows are answered: %s', async (query) => {
    const { status, data, errors } = await ask<{ plugins: { nodes: unknown[] } }>(query(15));
    expect([status, errors, data?.plugins.nodes.length]).toEqual([200, undefined, 15]);
  });

  test('and so is a field of resolvers whose rows have more than twice the bytes', async () => {
    const message = expect.stringContaining('rows for one answer of at most 131072 bytes; got ');
    const extensions = expect.objectContaining({ code: 'TOO_COMPLEX', maxBytes: 2 * maxBytes });
    expect(await ask(byResolvers(40))).toMatchObject({
      data: { plugins: null },
      errors: [{ message, path: ['plugins'], extensions }],
    });
  });

  test('over WebSocket, and the socket stays open', async () => {
    const socket = await openSocket(server.url, { params: bearer('OPERATOR') });
    for (const [id, query] of Object.entries({ compiled: compiled(40), resolvers: byResolvers(20) })) {
      socket.start(id, query);
      expect(await socket.next(id)).toEqual({ id, type: 'next', payload: { errors: [tooLarge] } });
      expect(await socket.next(id)).toEqual({ id, type: 'complete' });
    }
    socket.start('small', compiled(1));
    expect(await socket.nextData('small', 'plugins')).toEqual({ nodes: [expect.anything()] });
    await socket.close();
  });

  test('as a single event of a stream', async () => {
    const stream = await openStream(server.url, compiled(40), {}, bearer('OPERATOR'));
    expect(await stream.next()).toEqual({ event: 'next', payload: { errors: [tooLarge] } });
    expect(await stream.next()).toMatchObject({ event: 'complete' });
  });

  test('which resolvers do not try again', async () => {
    await ask(compiled(40));
    statements.length = 0;
    await ask(compiled(40));
    expect(statements.filter((text) => text.includes('plugins'))).toEqual([expect.stringContaining('octet_length')]);
  });

  test('of a mutation, whose message says that it was done', async () => {
    const plugins = `supervisor { name plugins(first: 20) { nodes { message } } }`;
    const query = `mutation { updateSupervisor(input: { supervisorId: "${supervisorId}", name: "renamed" }) { ${plugins} } }`;
    const message = expect.stringContaining('the operation was done, and its answer left out');
    expect(await ask(query)).toEqual({ status: 400, errors: [{ ...tooLarge, message }] });
    expect(await ask(`{ supervisor(id: "${supervisorId}") { name } }`)).toMatchObject({
      data: { supervisor: { name: 'renamed' } },
    });
  });

  test('of REST', async () => {
    const search = async (path: string, body: object) => {
      const response = await fetch(`${server.url}/plugin/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...bearer('OPERATOR') },
        body: JSON.stringify(body),
      });
      return [response.status, await response.json()];
    };
    const path = `/supervisor/${supervisorId}/plugins/search`;
    const { message, extensions } = tooLarge;
    const { code: _, ...details } = extensions.sample;
    const refused = [400, { error: { code: 'TOO_COMPLEX', message, details: expect.objectContaining(details) } }];
    expect(await search(path, {})).toEqual(refused);
    expect(await search(path, { query: { page: { limit: 5 } } })).toMatchObject([200, { total_count: 440 }]);
  });

  test('of gRPC', async () => {
    const call = (method: string, request: object) =>
      grpc.call(service, method, request, { metadata: { token: `${keys.OPERATOR}` } });
    const details = expect.stringMatching(/^ERROR_TOO_COMPLEX: expected an answer of at most 65536 bytes; got \d+/);
    const refused = { code: 8, details };
    await expect(call('list_plugins', { supervisor_id: supervisorId, query: {} })).rejects.toMatchObject(refused);
    const few = { supervisor_id: supervisorId, query: { page: { limit: 5 } } };
    expect(await call('list_plugins', few)).toMatchObject({ total_count: 440 });
  });

  test('of statistics', async () => {
    const labels = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`key-${i}`, 'v'.repeat(200)]));
    for (let i = 0; i < 6; i++) {
      const input = { domainId, name: `labelled-${i}`, hostname: `labelled-${i}`, labels, plugins: [] };
      const mutation =
        'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { nextPublishInMs } }';
      await ask(mutation, { variables: { input }, role: 'SUPERVISOR' });
    }
    const request = (limit: number) => ({
      query: { aggregate: [{ project: { fields: [{ k: 'labels', n: 'labels' }] } }, { limit }] },
    });
    const call = (limit: number) =>
      grpc.call(service, 'stat', request(limit), { metadata: { token: `${keys.OPERATOR}` } });
    await expect(call(10)).rejects.toMatchObject({ code: 8, details: expect.stringContaining('ERROR_TOO_COMPLEX: ') });
    expect(await call(2)).toMatchObject({ results: [{}, {}] });
  });
});

describe('W3: the bound is not for', () => {
  test("an agent's own list, over gRPC and GraphQL", async () => {
    const listed = await grpc.call(
      service,
      'list_plugins',
      { hostname: 'h', domain_id: domainId },
      { metadata: { token: `${keys.SUPERVISOR}` } },
    );
    expect(JSON.stringify(listed).length).toBeGreaterThan(maxBytes);
    const query = '{ assignments(hostname: "h") { pluginInstanceId pluginId version state } }';
    const { data } = await ask<{ assignments: unknown[] }>(query, { role: 'SUPERVISOR' });
    expect(data?.assignments).toHaveLength(440);
    expect(JSON.stringify(data).length).toBeGreaterThan(maxBytes);
    expect(await ask(query)).toMatchObject({ status: 400, errors: [tooLarge] });
  });

  test('a subscription, whose snapshot comes row by row', async () => {
    const stream = await openStream(
      server.url,
      'subscription { watchPlugins { type plugin { id endpoints message } } }',
      {},
      bearer('OPERATOR'),
    );
    let bytes = 0;
    for (let type = ''; type !== 'SYNCED'; ) {
      const event = await stream.nextData<{ type: string }>('watchPlugins');
      bytes += JSON.stringify(event).length;
      type = event.type;
    }
    expect(bytes).toBeGreaterThan(4 * maxBytes);
    stream.close();
  });
});
