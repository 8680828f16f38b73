import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { graphql, useTestServer } from '../testing/index.ts';

const server = useTestServer();

const printed = vi.spyOn(console, 'error');

/** Whatever came before, the server goes on serving. */
afterEach(async () => {
  const reply = await graphql(server.url, '{ viewer { subject role domainId } }');
  expect(reply).toEqual({ status: 200, data: { viewer: { subject: 'anonymous', role: 'ADMIN', domainId: null } } });
  // A client's mistake doesn't concern the operator.
  expect(server.logged.filter(({ level }) => level >= 40)).toEqual([]);
  expect(printed).not.toHaveBeenCalled();
});

const publish = `mutation ($input: PublishSupervisorInput!) {
  publishSupervisor(input: $input) { supervisor { id } rejected { index code message } }
}`;
const valid = { domainId: 'bad-input', name: 'agent', hostname: 'host' };
const lonely = '\ud800';
const nested = (levels: number, open: string, close: string, inner = '') =>
  `${open.repeat(levels)}${inner}${close.repeat(levels)}`;

describe('input that GraphQL or the domain refuses has a code, the path of the offending field, and no effect', () => {
  const cases: Record<
    string,
    { query?: string; variables?: Record<string, unknown>; code?: string; path?: (string | number)[]; says?: string }
  > = {
    'a name that is too long': {
      variables: { input: { ...valid, name: 'x'.repeat(256) } },
      path: ['input', 'name'],
      says: 'expected 1 to 255 characters; got a text of 256 characters',
    },
    'an empty hostname': { variables: { input: { ...valid, hostname: '' } }, path: ['input', 'hostname'] },
    'a literal of another type': {
      query: 'mutation { publishSupervisor(input: {name: 5, hostname: "h"}) { nextPublishInMs } }',
      path: ['input', 'name'],
    },
    'a literal of another type in a list': {
      query: '{ supervisors(filter: {id: {in: ["a", 5]}}) { totalCount } }',
      path: ['filter', 'id', 'in', 1],
    },
    'a variable of another type': { variables: { input: { ...valid, name: 5 } }, path: ['input', 'name'] },
    'a variable of another type in a list': {
      variables: { input: { ...valid, plugins: [{ pluginId: 'p', version: '1', state: 'ACTIVE', endpoints: [5] }] } },
      path: ['input', 'plugins', 0, 'endpoints', 0],
    },
    'labels that are no object': { variables: { input: { ...valid, labels: [1] } }, path: ['input', 'labels'] },
    'a time that is none': {
      query: '{ supervisors(filter: {createdAt: {gt: "yesterday"}}) { totalCount } }',
      path: ['filter', 'createdAt', 'gt'],
    },
    'an integer that is too large': {
      query: '{ supervisors(filter: {priority: {eq: 3000000000}}) { totalCount } }',
      path: ['filter', 'priority', 'eq'],
    },
    'a cursor that is a number': {
      query: 'subscription ($after: Cursor) { pluginStateChanged(after: $after) { from } }',
      variables: { after: 5 },
      path: ['after'],
    },
    'a cursor that is none': { query: '{ events(after: "nope") { totalCount nodes { id } } }', path: ['after'] },
    "another list's cursor": {
      query: `{ supervisors(after: "${Buffer.from('["name:ASC,id:ASC"]').toString('base64url')}") { nodes { id } } }`,
      path: ['after'],
    },
    'a missing variable': { path: ['input'] },
    'a variable that lacks a field': { variables: { input: { name: 'a' } }, path: ['input'], says: '"hostname"' },
    'no domain, where one is needed': {
      variables: { input: { name: 'a', hostname: 'h' } },
      path: ['input', 'domainId'],
    },
    'a domain that can be none': { query: '{ supervisors(domainId: "a b") { totalCount } }', path: ['domainId'] },
    'the second of two variables': {
      query:
        'query ($a: Int, $b: SupervisorState) { supervisors(first: $a, filter: {state: {eq: $b}}) { totalCount } }',
      variables: { a: 1, b: 'NOPE' },
      path: ['b'],
    },
    'an enum value that is unknown, as a literal': {
      query: '{ supervisors(filter: {state: {eq: NOPE}}) { totalCount } }',
      path: ['filter', 'state', 'eq'],
    },
    'an enum value that is unknown, as a variable': {
      query: 'query ($f: SupervisorFilter) { supervisors(filter: $f) { totalCount } }',
      variables: { f: { state: { eq: 'NOPE' } } },
      path: ['f', 'state', 'eq'],
    },
    'a field that is unknown': { query: '{ nope }', says: 'Cannot query field "nope"' },
    'a syntax error': { query: '{ viewer { ', says: 'Syntax Error' },
    'a fragment within itself': { query: '{ viewer { ...A } } fragment A on Viewer { ...A }' },
    'an id that is unknown': {
      query: 'mutation { enableSupervisor(input: {supervisorId: "supervisor-000000000000"}) { supervisor { id } } }',
      code: 'NOT_FOUND',
      says: 'supervisor-000000000000',
    },
    'a page of less than nothing': { query: '{ supervisors(first: -1) { totalCount nodes { id } } }', path: ['first'] },
    'a page that is too large': { query: '{ plugins(first: 101) { nodes { id } } }', path: ['first'] },
    'first together with last': { query: '{ events(first: 1, last: 1) { nodes { id } } }', path: ['last'] },
    'first together with before (trap: cursors)': {
      query: '{ events(first: 1, before: "x") { nodes { id } } }',
      path: ['before'],
    },
    'too many ids': { query: `{ nodes(ids: [${'"x" '.repeat(101)}]) { id } }`, path: ['ids'] },
    'no group key': { query: '{ pluginStats(groupBy: []) { count } }', path: ['groupBy'] },
    'a NUL character in a name': { variables: { input: { ...valid, name: 'a\0b' } }, path: ['input', 'name'] },
    'a NUL character in a label': {
      variables: { input: { ...valid, labels: { a: '\0' } } },
      path: ['input', 'labels', 'a'],
    },
    'a NUL character in a filter': {
      query: '{ supervisors(filter: {name: {eq: "\\u0000"}}) { totalCount } }',
      path: ['filter', 'name', 'eq'],
    },
    'a NUL character in a keyword': { query: '{ plugins(keyword: "\\u0000") { totalCount } }', path: ['keyword'] },
    'a NUL character in an id': {
      query: 'mutation { disableSupervisor(input: {supervisorId: "\\u0000"}) { supervisor { id } } }',
      code: 'NOT_FOUND',
    },
    'a lone surrogate in a name': { variables: { input: { ...valid, name: lonely } }, path: ['input', 'name'] },
    'a lone surrogate in a key of tags': {
      variables: { input: { ...valid, tags: { [lonely]: 1 } } },
      path: ['input', 'tags'],
    },
    'a lone surrogate in a filter': {
      query: 'query ($f: PluginFilter) { plugins(filter: $f) { totalCount } }',
      variables: { f: { supervisor: { hostname: { in: [lonely] } } } },
      path: ['filter', 'supervisor', 'hostname', 'in', 0],
    },
    'a lone surrogate in an id': {
      query: 'mutation ($id: ID!) { enableSupervisor(input: {supervisorId: $id}) { supervisor { id } } }',
      variables: { id: lonely },
      code: 'NOT_FOUND',
    },
    'a lone surrogate in a document': { query: '{ plugins(keyword: "\\ud800") { totalCount } }', says: 'Syntax Error' },
    'labels that are nested too deep': {
      variables: { input: { ...valid, labels: { a: JSON.parse(nested(150, '[', ']')) } } },
      path: ['input', 'labels'],
    },
    'labels that are too large': {
      variables: { input: { ...valid, labels: { a: 'x'.repeat(16 * 1024) } } },
      path: ['input', 'labels'],
      says: 'expected at most 16384 bytes',
    },
    'a filter with too many conditions': {
      query: `{ supervisors(filter: {or: [${'{name: {eq: "a"}} '.repeat(101)}]}) { totalCount } }`,
    },
    'a literal that is nested too deep': {
      query: `{ supervisors(filter: ${nested(50_000, '{not: ', '}', '{}')}) { totalCount } }`,
      code: 'TOO_COMPLEX',
    },
    'a list that is nested too deep': {
      query: `{ supervisors(filter: ${nested(100_000, '[', ']')}) { totalCount } }`,
      code: 'TOO_COMPLEX',
    },
    'a selection that is nested too deep': { query: nested(50_000, '{a', '}'), code: 'TOO_COMPLEX' },
    'a document that never closes': { query: nested(300, '{a', ''), code: 'TOO_COMPLEX' },
  };
  test.each(Object.entries(cases))('%s', async (_title, { query = publish, variables = {}, code, path, says }) => {
    const { errors = [], data } = await graphql(server.url, query, variables);
    const [error] = errors;
    expect(Object.values(data ?? {}).filter((value) => value !== null)).toEqual([]);
    expect(error?.extensions).toMatchObject({ code: code ?? 'BAD_USER_INPUT', ...(path ? { path } : {}) });
    expect(error?.message).toContain(says ?? '');
    expect(error?.message.length).toBeLessThan(1_100);
    const stored = await graphql(server.url, '{ supervisors(domainId: "bad-input") { totalCount } }');
    expect(stored.data).toEqual({ supervisors: { totalCount: 0 } });
  });

  test('every mistake in the variables is told, each with its own path', async () => {
    const query = 'query ($a: Int!, $b: SupervisorFilter) { supervisors(first: $a, filter: $b) { totalCount } }';
    const { errors } = await graphql(server.url, query, { a: 'x', b: { state: { eq: 'NOPE' }, nope: 1 } });
    expect(errors?.map(({ extensions }) => extensions.path)).toEqual([['a'], ['b', 'state', 'eq'], ['b']]);
  });

  test('variables that are nested too deep for any walk are TOO_COMPLEX', async () => {
    const query = 'query ($f: SupervisorFilter) { supervisors(filter: $f) { totalCount } }';
    const reply = await post(`{"query":"${query}","variables":{"f":${nested(50_000, '{"not":', '}', '{}')}}}`);
    expect(reply).toMatchObject({ body: { errors: [{ extensions: { code: 'TOO_COMPLEX' } }] } });
  });

  test('P7: a malformed plugin of a report is named, and the rest is taken', async () => {
    const plugin = { pluginId: 'p', version: '1', state: 'ACTIVE' };
    const { data } = await graphql<{ publishSupervisor: { rejected: { index: number; code: string }[] } }>(
      server.url,
      publish,
      { input: { ...valid, domainId: 'reports', plugins: [{ ...plugin, pluginId: '\0' }, plugin, plugin] } },
    );
    expect(data?.publishSupervisor.rejected.map(({ index, code }) => [index, code])).toEqual([
      [0, 'BAD_USER_INPUT'],
      [2, 'BAD_USER_INPUT'],
    ]);
  });
});

describe('a body that is no request is BAD_USER_INPUT', () => {
  const query = '{ viewer { role } }';
  const bodies: Record<string, string> = {
    'malformed JSON': '{"query": ',
    'an empty body': '',
    'a blank body': '   ',
    'an empty array': '[]',
    'a batch, which is not supported': JSON.stringify([{ query }]),
    'a number': '5',
    null: 'null',
    'a text': '"x"',
    'an object without a query': '{}',
    'a query that is a number': '{"query": 5}',
    'variables that are a list': JSON.stringify({ query, variables: [] }),
    'variables that are a text': JSON.stringify({ query, variables: 'x' }),
    'an operation that the document lacks': JSON.stringify({ query, operationName: 'Nope' }),
    'an operation name that is a number': JSON.stringify({ query, operationName: 5 }),
    'a parameter that is unknown': JSON.stringify({ query, nope: 1 }),
  };
  test.each(Object.entries(bodies))('%s', async (_title, body) => {
    const { body: reply } = await post(body);
    expect(reply).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    expect(reply).not.toHaveProperty('data');
  });

  const tooLarge = JSON.stringify({ query, variables: { x: 'x'.repeat(5 * 1024 * 1024) } });

  test('one that says it is too large is refused with 413 before it is read', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: ${tooLarge.length}\r\n\r\n`,
    );
    expect(await text(socket)).toMatch(/^HTTP\/1.1 413 .*connection: close.*"code":"BAD_USER_INPUT"/is);
  });

  test('one of 5 MiB is refused with 413, in words that reach its sender', async () => {
    expect(await post(tooLarge)).toMatchObject({ status: 413, body: tooLargeReply });
  });

  test('one of 5 MiB in chunks, without a length, is refused with 413 as soon as it proves too large', async () => {
    const chunks = new ReadableStream({
      start: (controller) => {
        for (let at = 0; at < tooLarge.length; at += 65_536) {
          controller.enqueue(Buffer.from(tooLarge.slice(at, at + 65_536)));
        }
        controller.close();
      },
    });
    expect(await post(chunks)).toMatchObject({ status: 413, body: tooLargeReply });
  });

  test('one in chunks that never ends is refused with 413, in words that reach its sender', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    socket.write(
      `POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    const reply = text(socket);
    for (let sent = 0; sent < 65; sent++) socket.write(chunk);
    expect(await reply).toMatch(/^HTTP\/1.1 413 .*connection: close.*"code":"BAD_USER_INPUT"/is);
  });

  test('one that breaks off is no reply to anybody, and no trouble', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.write(
      'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"qu',
    );
    await once(socket, 'connect');
    socket.resetAndDestroy();
    await once(socket, 'close');
  });

  const tooLargeReply = {
    errors: [
      {
        message: 'expected a body of at most 4194304 bytes; got a longer one',
        extensions: { code: 'BAD_USER_INPUT' },
      },
    ],
  };
});

describe('HTTP that is not what /graphql takes is refused', () => {
  const body = JSON.stringify({ query: '{ viewer { role } }' });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/graphql',
    'application/jsonx',
  ])('415: a body of %s, which a foreign page could send unasked (CSRF)', async (type) => {
    expect(await post(body, { 'content-type': type })).toMatchObject({
      status: 415,
      body: { errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] },
    });
  });

  test('the content type may name a character set', async () => {
    expect(await post(body, { 'content-type': 'application/json; charset=utf-8' })).toMatchObject({ status: 200 });
  });

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('405: %s', async (method) => {
    const response = await fetch(`${server.url}/graphql`, { method });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, POST');
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  test('405: a mutation by GET, which has no effect', async () => {
    const mutation = 'mutation{publishSupervisor(input:{domainId:"by-get",name:"a",hostname:"h"}){nextPublishInMs}}';
    const response = await fetch(`${server.url}/graphql?query=${encodeURIComponent(mutation)}`);
    expect(response.status).toBe(405);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
    const { data } = await graphql(server.url, '{ supervisors(domainId: "by-get") { totalCount } }');
    expect(data).toEqual({ supervisors: { totalCount: 0 } });
  });

  test('a query by GET is answered', async () => {
    const response = await fetch(`${server.url}/graphql?query={viewer{role}}&variables={}`);
    expect(await response.json()).toEqual({ data: { viewer: { role: 'ADMIN' } } });
  });

  test.each(['variables', 'extensions'])('400: %s of a GET that are malformed JSON', async (name) => {
    const response = await fetch(`${server.url}/graphql?query={viewer{role}}&${name}={`);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });

  test.each(['/nope', '/graphql/x', '//', `/${'x'.repeat(5_000)}`])('404: %.20s', async (path) => {
    const response = await fetch(`${server.url}${path}`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'NOT_FOUND' } }] });
  });

  test.each(['https://evil.example', 'http://127.0.0.1:1', 'null', 'nonsense'])(
    '403: a page of another origin, %s',
    async (origin) => {
      expect(await post(body, { 'content-type': 'application/json', origin })).toMatchObject({
        status: 403,
        body: { errors: [{ extensions: { code: 'FORBIDDEN' } }] },
      });
    },
  );

  test("a page of the server's own is answered", async () => {
    const headers = { 'content-type': 'application/json', origin: server.url };
    expect(await post(body, headers)).toMatchObject({ status: 200, body: { data: { viewer: { role: 'ADMIN' } } } });
  });

  test('A5: 403 for a name that resolves to this machine and is not its own (DNS rebinding)', async () => {
    const asked = request(`${server.url}/graphql?query={viewer{role}}`, { headers: { host: 'evil.example' } }).end();
    const [response] = await once(asked, 'response');
    expect(response.statusCode).toBe(403);
    expect(JSON.parse(await text(response))).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
  });

  test.each(['NONSENSE\r\n\r\n', 'GET /graphql HTTP/9.9\r\n\r\n', '\0\0\0\0\r\n\r\n'])(
    'text that is no HTTP ends its connection with 400: %j',
    async (bytes) => {
      const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
      socket.write(bytes);
      expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
    },
  );
});

async function post(
  body: RequestInit['body'],
  headers: Record<string, string> = { 'content-type': 'application/json' },
) {
  const init = { method: 'POST', headers, body, duplex: 'half' };
  const response = await fetch(`${server.url}/graphql`, init as RequestInit);
  return { status: response.status, body: await response.json() };
}
