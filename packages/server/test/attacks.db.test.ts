import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createApiKey, openCore, type Role, type Viewer } from '@muster/core';
import { openTestDatabase } from '@muster/db/testing';
import { SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestServer, type TestServer } from '../testing/index.ts';
import { createQueue } from '../testing/queue.ts';

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };
const jwtSecret = 'a secret of the tests, which is long enough';
const secretKey = 'the-secret-key-of-an-agent';
const audience = 'muster';

interface Reply {
  status: number;
  data?: Record<string, unknown> | null;
  errors?: { message: string; extensions: { code: string } }[];
}

let server: TestServer;
/** An API key of the tenant's operator, and what its owner's requests say of it. */
let key: { token: string; subject: string };
/** All answers to clients, and all tokens that they sent: answers must not show tokens. */
let told: string[] = [];
const secrets = new Set<string>([jwtSecret, secretKey]);

beforeAll(async () => {
  const db = await openTestDatabase();
  const makers = await openCore(db, { sweeps: false });
  const made = await createApiKey(makers.core, root, { name: 'a key', role: 'OPERATOR', domainId: 'tenant' });
  await makers.close();
  key = { token: made.token, subject: made.apiKey.id };
  secrets.add(key.token);
  server = await startTestServer({
    db,
    env: {
      MUSTER_JWT_SECRET: jwtSecret,
      MUSTER_JWT_AUDIENCE: audience,
      MUSTER_JWT_CLOCK_SKEW_SECONDS: '0',
      MUSTER_REQUEST_TIMEOUT_SECONDS: '2',
    },
  });
});
afterAll(() => server.stop());

/** Checks that answers and log hold no secret, answers nothing internal, and the log no error. */
afterEach(() => {
  const logged = server.logged.map((line) => JSON.stringify(line));
  for (const words of [...told, ...logged]) for (const secret of secrets) expect(words).not.toContain(secret);
  for (const words of told) expect(words).not.toMatch(/node_modules|\.ts:\d|at async|SELECT |INTERNAL_SERVER_ERROR/);
  expect(server.logged.filter(({ level }) => level >= 50)).toEqual([]);
  told = [];
});

function keep(words: string): string {
  told.push(words);
  return words;
}

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

async function post(body: unknown, headers: Record<string, string> = bearer(key.token)): Promise<Reply> {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, ...JSON.parse(keep(await response.text())) };
}

/** Awaits an attack, and checks that another client's request at the same time is answered. */
async function during<Result>(attack: Promise<Result>): Promise<Result> {
  const query = '{ viewer { subject } plugins { totalCount } }';
  const [result, bystander] = await Promise.all([attack, post({ query })]);
  expect(bystander).toEqual({ status: 200, data: { viewer: { subject: key.subject }, plugins: { totalCount: 0 } } });
  return result;
}

/** The codes of an operation's end, or of the one result that it had. */
function codesOfMessage({ type, payload }: { type: string; payload?: unknown }): string[] {
  const errors = type === 'error' ? payload : (payload as Reply).errors;
  return codesOf({ status: 0, errors: errors as NonNullable<Reply['errors']> });
}

const codesOf = ({ errors = [] }: Reply) => [...new Set(errors.map(({ extensions }) => extensions.code))];

async function signed(
  claims: Record<string, unknown>,
  { secret = jwtSecret, aud = audience, expiresInS = 600, role = 'VIEWER' as Role } = {},
): Promise<string> {
  const token = await new SignJWT({ role, domain_id: 'tenant', ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setAudience(aud)
    .setExpirationTime(Math.floor(Date.now() / 1_000) + expiresInS)
    .sign(new TextEncoder().encode(secret));
  secrets.add(token);
  return token;
}

const bomb = (levels: number) => {
  const fragments = Array.from(
    { length: levels },
    (_, i) => `fragment F${i} on Supervisor { plugins { nodes { supervisor { ...F${i + 1} } } } ...G${i} }
      fragment G${i} on Supervisor { plugins { edges { node { supervisor { ...F${i + 1} } } } } }`,
  );
  return `{ supervisor(id: "x") { ...F0 } } ${fragments.join(' ')} fragment F${levels} on Supervisor { id }`;
};
const wide =
  'supervisors(first: 100) { nodes { plugins(first: 100) { nodes { id supervisor { plugins(first: 100) { totalCount } } } } } }';
const many = (count: number, of: (i: number) => string) => Array.from({ length: count }, (_, i) => of(i)).join(' ');

describe('W7: a document that asks for too much is TOO_COMPLEX with status 400, and nothing of it is executed', () => {
  const documents: Record<string, string> = {
    'fields within fields': `{ supervisor(id: "x") { ${'plugins { nodes { supervisor { '.repeat(7)}id${' } } }'.repeat(7)} } }`,
    'lists within lists': `{ ${wide.replace('totalCount', 'nodes { id }')} }`,
    'aliases of one list': `{ supervisors { nodes { ${many(51, (i) => `p${i}: name`)} } } }`,
    'a field name of a megabyte': `{ ${'x'.repeat(1_000_000)} }`,
    'a long field name': `{ ${'x'.repeat(1_000)} }`,
    'fragments by the hundred, each compared with all others': `{ viewer { ${many(200, (i) => `...F${i}`)} } } ${many(200, (i) => `fragment F${i} on Viewer { role }`)}`,
    'fragments that are unknown': `{ viewer { ${many(1_600, (i) => `...F${i}`)} } }`,
    'aliases at the root': `{ ${many(21, (i) => `v${i}: viewer { role }`)} }`,
    'the same fields at the root': `{ ${many(21, () => 'viewer { role }')} }`,
    'aliases in fragments': `{ ${many(10, () => '...A')} } fragment A on Query { viewer { ${many(6, (i) => `a${i}: role`)} } }`,
    'a fragment bomb': bomb(4),
    'a fragment bomb of many levels': bomb(400),
    'a chain of fragments': `{ ...F0 } ${many(2_400, (i) => `fragment F${i} on Query { ...F${i + 1} }`)} fragment F2400 on Query { __typename }`,
    'a chain of fragments that nothing spreads': `{ __typename } ${many(2_400, (i) => `fragment F${i} on Query { ...F${i + 1} }`)}`,
    directives: `{ viewer { ${many(51, () => 'role @include(if: true)')} } }`,
    'directives that are unknown': `{ viewer { role ${'@a '.repeat(51)} } }`,
    tokens: `{ viewer { ${'role '.repeat(5_000)} } }`,
    'tokens that are no document': '! '.repeat(30_000),
    'the same field, to be compared with itself': `{ viewer { ${'role '.repeat(4_900)} } }`,
    'logins by aliased mutations': `mutation { ${many(21, (i) => `m${i}: enableSupervisor(input: {supervisorId: "s${i}"}) { supervisor { id } }`)} }`,
  };
  test.each(Object.entries(documents))('%s', async (_title, query) => {
    const reply = await during(post({ query }));
    expect([reply.status, codesOf(reply)]).toEqual([400, ['TOO_COMPLEX']]);
    expect(reply).not.toHaveProperty('data');
    expect(reply.errors?.[0]?.message).toMatch(/^expected .*; got /);
    const socket = await open({}, bearer(key.token));
    socket.send({ id: '1', type: 'subscribe', payload: { query } });
    expect(codesOfMessage(await socket.next())).toEqual(['TOO_COMPLEX']);
    socket.webSocket.terminate();
  });

  test('operations beside the one that is asked for', async () => {
    const query = many(21, (i) => `query Operation${i} { viewer { role } }`);
    const reply = await during(post({ query, operationName: 'Operation3' }));
    expect([reply.status, codesOf(reply)]).toEqual([400, ['TOO_COMPLEX']]);
  });

  test('a page, or ids, by a variable', async () => {
    const pages = `query ($n: Int) { ${wide.replaceAll('100', '$n').replace('totalCount', 'nodes { id }')} }`;
    const few = await during(post({ query: pages, variables: { n: 2 } }));
    expect(few.status).toBe(200);
    const reply = await during(post({ query: pages, variables: { n: 100 } }));
    expect([reply.status, codesOf(reply)]).toEqual([400, ['TOO_COMPLEX']]);
    const ids = Array.from({ length: 49_000 }, () => 'x');
    const nodes = await during(
      post({
        query: 'query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Plugin { version state endpoint reason } } }',
        variables: { ids },
      }),
    );
    expect([nodes.status, codesOf(nodes)]).toEqual([400, ['TOO_COMPLEX']]);
  });

  test('variables of more than 50,000 values', async () => {
    const query = 'query ($f: PluginFilter) { plugins(filter: $f) { totalCount } }';
    const reply = await during(post({ query, variables: { f: { or: Array.from({ length: 60_000 }, () => ({})) } } }));
    expect([reply.status, codesOf(reply)]).toEqual([400, ['TOO_COMPLEX']]);
  });

  test('variables that are nested deep, of a query and of a subscription', async () => {
    const deep = `${'{"not":'.repeat(30_000)}{}${'}'.repeat(30_000)}`;
    const body = (query: string) => `{"query":"${query}","variables":{"f":${deep}}}`;
    const reply = await during(post(body('query ($f: PluginFilter) { plugins(filter: $f) { totalCount } }')));
    expect([reply.status, codesOf(reply)]).toEqual([400, ['TOO_COMPLEX']]);
    const socket = await open({}, bearer(key.token));
    const subscription = 'subscription ($f: PluginFilter) { watchPlugins(filter: $f) { pluginInstanceId } }';
    socket.send(`{"id":"1","type":"subscribe","payload":${body(subscription)}}`);
    expect(codesOfMessage(await socket.next())).toEqual(['TOO_COMPLEX']);
    socket.webSocket.terminate();
  });
});

describe('what is no valid request is BAD_USER_INPUT', () => {
  test.each([
    ['a fragment within itself', '{ ...A } fragment A on Query { viewer { role } ...A }'],
    ['fragments within each other', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
    ['variables by the thousand', `query (${many(1_200, (i) => `$v${i}: Int`)}) { viewer { role } }`],
    ['names by the thousand', `{ viewer { ${many(4_900, (i) => `f${i}`)} } }`],
    ['arguments by the thousand', `{ plugins(${many(1_600, (i) => `a${i}: 1`)}) { totalCount } }`],
    ['literals by the thousand', `{ plugins(filter: {state: {in: [${many(4_000, (i) => `S${i}`)}]}}) { totalCount } }`],
  ])('%s', async (_title, query) => {
    const reply = await during(post({ query }));
    expect(codesOf(reply)).toEqual(['BAD_USER_INPUT']);
    expect(reply).not.toHaveProperty('data');
  });

  test('an array of logins (batching)', async () => {
    const batch = Array.from({ length: 1_000 }, () => ({ query: '{ viewer { role } }' }));
    const reply = await during(post(batch));
    expect([reply.status, codesOf(reply)]).toEqual([400, ['BAD_USER_INPUT']]);
    expect(reply.errors).toHaveLength(1);
  });

  test('variables of megabytes', async () => {
    const query = 'query ($f: PluginFilter) { plugins(filter: $f) { totalCount } }';
    for (const f of [
      { pluginId: { eq: 5 }, or: [{ pluginId: { eq: 'x'.repeat(3_000_000) } }] },
      { or: Array.from({ length: 40_000 }, () => ({})) },
      { or: Array.from({ length: 20_000 }, () => ({ nothing: 1 })) },
      'x'.repeat(3_000_000),
    ]) {
      const reply = await during(post({ query, variables: { f } }));
      expect(codesOf(reply)).toEqual(['BAD_USER_INPUT']);
    }
  });
});

describe('a credential that is none of this server’s is UNAUTHENTICATED, over HTTP, REST and WebSocket', () => {
  const now = () => Math.floor(Date.now() / 1_000);
  const forged: Record<string, () => Promise<string> | string> = {
    'signed with another secret': () =>
      signed({ sub: 'mallory' }, { secret: 'another secret that is long enough, too' }),
    'not signed (alg: none)': () =>
      new UnsecuredJWT({ role: 'ADMIN', sub: 'mallory', aud: audience, exp: now() + 600 }).encode(),
    'signed for other claims': async () => {
      const [header, , signature] = (await signed({ sub: 'mallory' })).split('.');
      const claims = { sub: 'mallory', role: 'ADMIN', aud: audience, exp: now() + 600 };
      return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    },
    'for another audience': () => signed({ sub: 'mallory' }, { aud: 'another' }),
    expired: () => signed({ sub: 'mallory' }, { expiresInS: -1 }),
    'of an unknown role': () => signed({ sub: 'mallory', role: 'ROOT' }),
    'without a subject': () => signed({}),
    'of a role without a domain': () => signed({ sub: 'mallory', domain_id: null }),
    'an API key with another secret': () => `${key.token.slice(0, -1)}${key.token.endsWith('A') ? 'Q' : 'A'}`,
    'an API key that does not exist': () => `muster_000000000000_${'A'.repeat(43)}`,
    'a text of a megabyte': () => 'x'.repeat(10_000),
    'no text': () => '',
  };
  test.each(Object.entries(forged))('%s', async (_title, make) => {
    const token = await make();
    if (token !== '') secrets.add(token);
    const reply = await during(post({ query: '{ viewer { role } }' }, bearer(token)));
    expect([reply.status, codesOf(reply)]).toEqual([401, ['UNAUTHENTICATED']]);
    const rest = await fetch(`${server.url}/plugin/v1/supervisors`, { headers: bearer(token) });
    expect([rest.status, JSON.parse(keep(await rest.text()))]).toMatchObject([
      401,
      { error: { code: 'UNAUTHENTICATED' } },
    ]);
    const socket = await open({}, { authorization: `Bearer ${token}` }, false);
    const { code, reason } = await socket.closed;
    expect([code, keep(reason)]).toEqual([4403, expect.stringMatching(/^UNAUTHENTICATED: /)]);
  });
});

test('L1: the secret key of one agent opens nothing of another’s, and is told to nobody', async () => {
  const headers = bearer(await signed({ sub: 'agents' }, { role: 'SUPERVISOR' }));
  const publish = (hostname: string, secret: string | null) =>
    post(
      {
        query: 'mutation ($i: PublishSupervisorInput!) { publishSupervisor(input: $i) { supervisor { id } } }',
        variables: { i: { name: hostname, hostname, secretKey: secret } },
      },
      headers,
    );
  expect((await publish('one', secretKey)).errors).toBeUndefined();
  expect((await publish('two', 'the-secret-key-of-the-other')).errors).toBeUndefined();
  for (const replayed of [secretKey, null, '']) {
    const reply = await during(publish('two', replayed));
    expect(['FORBIDDEN', 'BAD_USER_INPUT']).toContain(codesOf(reply)[0]);
    expect(Object.values(reply.data ?? {}).filter((value) => value !== null)).toEqual([]);
  }
});

describe('a WebSocket is one viewer’s', () => {
  const viewer = { id: '1', type: 'subscribe', payload: { query: '{ viewer { subject } }' } };

  test('its parameters count before its request’s header, also where they are wrong', async () => {
    const other = await signed({ sub: 'other' });
    const both = await open(bearer(other), bearer(key.token));
    both.send(viewer);
    expect(await both.next()).toMatchObject({ payload: { data: { viewer: { subject: key.subject } } } });
    both.webSocket.terminate();
    for (const authorization of ['Bearer nonsense', '', 7]) {
      const wrong = await during(open(bearer(other), { authorization }, false));
      expect((await wrong.closed).code).toBe(4403);
    }
  });

  test('a second connection_init closes it, and makes nobody else of it', async () => {
    const socket = await open({}, bearer(await signed({ sub: 'first' })));
    socket.send({ type: 'connection_init', payload: bearer(key.token) });
    socket.send(viewer);
    expect((await during(socket.closed)).code).toBe(4429);
  });

  test('an operation before the connection was let in closes it', async () => {
    const socket = await open({}, null, false);
    socket.send(viewer);
    expect((await during(socket.closed)).code).toBe(4401);
  });

  test('E6: a token that expires ends its subscription, and then the socket', async () => {
    const socket = await open({}, bearer(await signed({ sub: 'brief' }, { expiresInS: 2 })));
    socket.send({ id: '1', type: 'subscribe', payload: { query: 'subscription { watchPlugins { type } }' } });
    expect(await socket.next()).toMatchObject({ payload: { data: { watchPlugins: { type: 'SYNCED' } } } });
    expect(await during(socket.next())).toMatchObject({
      type: 'error',
      payload: [{ extensions: { code: 'UNAUTHENTICATED' } }],
    });
    expect((await socket.closed).code).toBe(4403);
  });

  test('a message of more bytes than are allowed closes it', async () => {
    const socket = await open({}, bearer(key.token));
    socket.send(`{"type":"ping","payload":{"x":"${'x'.repeat(4 * 1024 * 1024)}"}}`);
    expect((await during(socket.closed)).code).toBe(1009);
  });

  test('a page of another origin opens none', async () => {
    const webSocket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      origin: 'https://evil.example',
    });
    const [error] = await during(once(webSocket, 'error'));
    expect(keep(error.message)).toContain('403');
  });
});

describe('a page of another origin, and what a form can send, are refused (CSRF)', () => {
  const query = '{ viewer { role } }';
  test.each(['https://evil.example', 'null'])('the origin %s: 403', async (origin) => {
    const reply = await during(post({ query }, { ...bearer(key.token), origin }));
    expect([reply.status, codesOf(reply)]).toEqual([403, ['FORBIDDEN']]);
    const rest = await fetch(`${server.url}/plugin/v1/supervisors`, { headers: { ...bearer(key.token), origin } });
    expect([rest.status, rest.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'the content type %s: 415',
    async (type) => {
      const reply = await during(post({ query }, { ...bearer(key.token), 'content-type': type }));
      expect([reply.status, codesOf(reply)]).toEqual([415, ['BAD_USER_INPUT']]);
    },
  );
});

describe('bodies', () => {
  test('longer than is allowed: 413', async () => {
    const reply = await during(post({ query: `{ viewer { role } } # ${'x'.repeat(5 * 1024 * 1024)}` }));
    expect([reply.status, codesOf(reply)]).toEqual([413, ['BAD_USER_INPUT']]);
  });

  test.each([
    ['headers', 'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '],
    [
      'a body',
      'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\nAuthorization: Bearer TOKEN\r\n\r\n{"qu',
    ],
  ])('%s that never end: 408', async (_title, bytes) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(bytes.replace('TOKEN', key.token));
    expect(keep(await during(text(socket)))).toMatch(/^HTTP\/1.1 408 /);
  });
});

/** A WebSocket that says who it is in its request's headers, and unless `params` is null in its first message. */
async function open(headers: Record<string, string>, params: Record<string, unknown> | null, greeted = true) {
  const webSocket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', { headers });
  const messages = createQueue<{ type: string; payload?: unknown }>();
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    webSocket.once('close', (code, reason) => {
      messages.end(`the socket was closed with ${code} ${reason}`);
      resolve({ code, reason: String(reason) });
    });
  });
  webSocket.on('message', (data) => messages.push(JSON.parse(keep(String(data)))));
  await once(webSocket, 'open');
  webSocket.on('error', () => {});
  const send = (message: string | object) =>
    webSocket.send(typeof message === 'string' ? message : JSON.stringify(message));
  const next = () => messages.take(() => true);
  if (params) send({ type: 'connection_init', payload: params });
  if (greeted) expect(await next()).toMatchObject({ type: 'connection_ack' });
  return { webSocket, send, next, closed };
}
