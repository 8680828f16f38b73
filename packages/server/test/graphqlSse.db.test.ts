import type { Role } from '@muster/core';
import { openTestDatabase } from '@muster/db/testing';
import { type Client, type ClientOptions, createClient, type ExecutionResult, NetworkError } from 'graphql-sse';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { createKeys } from '../testing/keys.ts';
import type { TestServerOptions } from '../testing/testServer.ts';

const roles = ['VIEWER', 'SUPERVISOR', 'ADMIN'] as const satisfies readonly Role[];
const watch = 'subscription ($after: Cursor) { watchPlugins(domainId: "sse", after: $after) { type cursor } }';

type Tokens = Readonly<Record<(typeof roles)[number], string>>;

async function start(env: TestServerOptions['env'] = {}): Promise<{ server: TestServer; tokens: Tokens }> {
  const db = await openTestDatabase();
  const made = await createKeys(
    db,
    roles.map((role) => ({ role, domainId: 'sse' })),
  );
  const tokens = Object.fromEntries(roles.map((role, i) => [role, made[i]])) as Tokens;
  return { server: await startTestServer({ db, env }), tokens };
}

let server: TestServer;
let tokens: Tokens;
beforeAll(async () => {
  ({ server, tokens } = await start());
});
afterAll(() => server.stop());

type Options = Partial<ClientOptions<boolean>>;

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

/** The real client; what its network does wrong is final unless `options` say otherwise. */
function clientOf(options: Options = {}): Client {
  const client = createClient<boolean>({
    url: `${server.url}/graphql`,
    headers: bearer(tokens.VIEWER),
    retryAttempts: 0,
    ...options,
  });
  onTestFinished(() => client.dispose());
  return client;
}

/** All results of an operation, until it is complete; rejects with the error that the client's sink is given. */
function resultsOf(client: Client, query: string, variables: Record<string, unknown> = {}) {
  const results: ExecutionResult[] = [];
  return new Promise<ExecutionResult[]>((resolve, reject) => {
    client.subscribe(
      { query, variables },
      { next: (result) => results.push(result as ExecutionResult), error: reject, complete: () => resolve(results) },
    );
  });
}

/** The results of an operation as they come. */
function resultsAsTheyCome(client: Client, query: string) {
  const results: ExecutionResult[] = [];
  let end: unknown;
  client.subscribe(
    { query },
    {
      next: (result) => results.push(result as ExecutionResult),
      error: (error) => {
        end = error;
      },
      complete: () => {
        end = 'complete';
      },
    },
  );
  return { results, end: () => end };
}

const refusedWith = (code: string) => [{ errors: [{ extensions: { code } }] }];

describe('a refusal reaches graphql-sse as a result with its code, and is final', () => {
  const bad: Record<string, [code: string, options: Options, query?: string, variables?: object]> = {
    'no credential': ['UNAUTHENTICATED', { headers: {} }],
    'a credential that is none': ['UNAUTHENTICATED', { headers: bearer('nonsense') }],
    'a document that does not parse': ['BAD_USER_INPUT', {}, 'subscription {'],
    'a document that is not valid': ['BAD_USER_INPUT', {}, 'subscription { nothing }'],
    'a variable of another type': ['BAD_USER_INPUT', {}, watch, { after: 5 }],
    'a cursor that is none': ['BAD_USER_INPUT', {}, watch, { after: 'nope' }],
    'a body that is too long': ['BAD_USER_INPUT', {}, watch, { after: 'x'.repeat(2_000_000) }],
    'a document that is too deep': ['TOO_COMPLEX', {}, `{ a ${'{ a '.repeat(200)} ${'}'.repeat(200)} }`],
    'a query that is too dear': [
      'TOO_COMPLEX',
      {},
      '{ supervisors(first: 100) { nodes { plugins(first: 100) { nodes { supervisor { plugins(first: 100) { nodes { id } } } } } } } }',
    ],
    'an id that nobody has': [
      'NOT_FOUND',
      { headers: {} },
      'mutation { enableSupervisor(input: {supervisorId: "supervisor-0123456789ab"}) { supervisor { id } } }',
    ],
  };

  test.each(Object.entries(bad))('%s', async (_title, [code, options, query = watch, variables = {}]) => {
    const headers = code === 'NOT_FOUND' ? { headers: bearer(tokens.ADMIN) } : {};
    const [first, ...more] = await resultsOf(clientOf({ ...options, ...headers }), query, { ...variables });
    expect([first, ...more]).toMatchObject(refusedWith(code));
  });

  test('a role that may not', async () => {
    const client = clientOf({ headers: bearer(tokens.SUPERVISOR) });
    expect(await resultsOf(client, watch)).toMatchObject(refusedWith('FORBIDDEN'));
  });

  test('a cursor of another log', async () => {
    const other = await start();
    onTestFinished(() => other.server.stop());
    const client = clientOf({ url: `${other.server.url}/graphql`, headers: bearer(other.tokens.VIEWER) });
    const { results } = resultsAsTheyCome(client, watch);
    await expect.poll(() => results.length).toBe(1);
    const watched = results[0]?.data?.watchPlugins as { cursor: string } | undefined;
    expect(await resultsOf(clientOf(), watch, { after: watched?.cursor })).toMatchObject(refusedWith('CURSOR_EXPIRED'));
  });

  test.each<[string, TestServerOptions['env']]>([
    ['requests', { MUSTER_REQUESTS_PER_SECOND: '1' }],
    ['points', { MUSTER_POINTS_PER_SECOND: '1', MUSTER_POINTS_PER_MINUTE: '60' }],
    ['subscriptions', { MUSTER_MAX_SUBSCRIPTIONS_PER_CREDENTIAL: '1' }],
    ['connections', { MUSTER_MAX_CONNECTIONS_PER_CREDENTIAL: '1' }],
  ])('too many %s', async (_title, env) => {
    const refused = {
      errors: [expect.objectContaining({ extensions: expect.objectContaining({ code: 'RATE_LIMITED' }) })],
    };
    const limited = await start(env);
    onTestFinished(() => limited.server.stop());
    const client = clientOf({ url: `${limited.server.url}/graphql`, headers: bearer(limited.tokens.VIEWER) });
    const several = Array.from({ length: 5 }, () => resultsAsTheyCome(client, watch));
    await expect.poll(() => several.flatMap(({ results }) => results)).toContainEqual(expect.objectContaining(refused));
  });

  test('a right that ends while its subscription runs', async () => {
    const { results, end } = resultsAsTheyCome(clientOf({ headers: bearer(tokens.ADMIN) }), watch);
    await expect.poll(() => results.length).toBe(1);
    await server.db.sql.query(`UPDATE api_keys SET revoked_at = now() WHERE role = 'ADMIN'`);
    await expect.poll(() => end(), { timeout: 20_000 }).toBe('complete');
    expect(results.slice(1)).toMatchObject(refusedWith('UNAUTHENTICATED'));
  });
});

test('queries and mutations are answered as events, too', async () => {
  expect(await resultsOf(clientOf(), '{ viewer { role } }')).toEqual([{ data: { viewer: { role: 'VIEWER' } } }]);
});

test('a server that stops breaks its streams off, so that the client connects again, and goes on', async () => {
  const stopping = await start();
  const asked: string[] = [];
  const servers = [stopping, { server, tokens }];
  const client = clientOf({
    url: () => {
      const url = `${servers[Math.min(asked.length, 1)]?.server.url}/graphql`;
      asked.push(url);
      return url;
    },
    headers: () => bearer(servers[Math.min(asked.length - 1, 1)]?.tokens.VIEWER ?? ''),
    retryAttempts: 5,
    retry: async () => {},
  });
  const { results, end } = resultsAsTheyCome(client, watch);
  await expect.poll(() => results.length).toBe(1);
  await stopping.server.stop();
  await expect.poll(() => results.length).toBe(2);
  expect(asked).toHaveLength(2);
  expect(results[1]).toMatchObject({ data: { watchPlugins: { type: 'SYNCED' } } });
  expect(end()).toBeUndefined();
});

test('its single connection mode is refused in words that name it', async () => {
  let body: unknown;
  const fetchFn = async (...request: Parameters<typeof fetch>) => {
    const response = await fetch(...request);
    body = await response.clone().json();
    return response;
  };
  const client = clientOf({ singleConnection: true, fetchFn });
  const refusal = await resultsOf(client, watch).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(NetworkError);
  const { response } = refusal as NetworkError<Response>;
  expect([response?.status, response?.headers.get('allow')]).toEqual([405, 'GET, POST']);
  expect(body).toEqual({
    errors: [
      {
        message:
          "expected a GET or POST for each operation, as of graphql-sse's distinct connections mode; got PUT, as of its single connection mode, which is not served",
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ],
  });
  for (const [method, search, headers] of [
    ['DELETE', '?operationId=1', {}],
    ['GET', '', { 'x-graphql-event-stream-token': 'a' }],
    ['POST', '', { 'x-graphql-event-stream-token': 'a' }],
  ] as const) {
    const reply = await fetch(`${server.url}/graphql${search}`, {
      method,
      headers: { ...bearer(tokens.VIEWER), ...headers },
    });
    expect([reply.status, await reply.text()]).toEqual([405, expect.stringContaining('single connection mode')]);
  }
});
