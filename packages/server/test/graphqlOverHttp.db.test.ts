import { auditServer } from 'graphql-http';
import { describe, expect, test } from 'vitest';
import { useTestServer } from '../testing/index.ts';

const server = useTestServer();

/** The types of JSON that a result may be wished for in. */
const types = ['application/json', 'application/graphql-response+json'] as const;
type Type = (typeof types)[number];

/** The same wish in words of which the first let a request be answered without yoga (mediaType.ts), and the others don't. */
const wishes = { plain: (type: string) => type, yoga: (type: string) => `${type};charset=utf-8` };
type Way = keyof typeof wishes;

async function audit(way: Way) {
  const results = await auditServer({
    url: `${server.url}/graphql`,
    fetchFn: (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      const accept = headers.get('accept');
      if (types.some((type) => type === accept)) headers.set('accept', wishes[way](String(accept)));
      return fetch(url, { ...init, headers });
    },
  });
  const found = (status: 'error' | 'warn') =>
    results.flatMap((result) => (result.status === status ? [`${result.name}: ${result.reason}`] : []));
  return { errors: found('error'), warnings: found('warn') };
}

describe.each(['plain', 'yoga'] as const)('the %s way', (way) => {
  test('speaks GraphQL over HTTP as its audits want it', async () => {
    expect(await audit(way)).toEqual({ errors: [], warnings: [] });
  });
});

interface Sent {
  body?: string;
  method?: string;
  headers?: Record<string, string>;
  search?: string;
}

const json = (value: unknown): Sent => ({ body: JSON.stringify(value) });
const two = 'query A { a: __typename } query B { b: __typename }';

const requests: Record<string, Sent> = {
  'an operation': json({ query: '{ __typename }' }),
  variables: json({
    query: 'query ($id: ID!) { supervisor(id: $id) { id } }',
    variables: { id: 'supervisor-0123456789ab' },
  }),
  'variables that are null': json({ query: '{ __typename }', variables: null }),
  'a variable too many': json({ query: '{ __typename }', variables: { other: 1 } }),
  'a variable too few': json({ query: 'query ($id: ID!) { supervisor(id: $id) { id } }' }),
  'a variable of another type': json({
    query: 'query ($first: Int) { supervisors(first: $first) { totalCount } }',
    variables: { first: 'many' },
  }),
  'variables in a list': json({ query: '{ __typename }', variables: [] }),
  'variables as text': json({ query: '{ __typename }', variables: '{}' }),
  extensions: json({ query: '{ __typename }', extensions: { any: 1 } }),
  'extensions that ask for the cost': json({ query: '{ supervisors { totalCount } }', extensions: { cost: true } }),
  'extensions in a list': json({ query: '{ __typename }', extensions: [] }),
  'a persisted query that nobody knows': json({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a' } } }),
  'the name of an operation': json({ query: two, operationName: 'B' }),
  'the name of an operation that is not there': json({ query: two, operationName: 'C' }),
  'two operations and no name': json({ query: two }),
  'an empty name': json({ query: '{ __typename }', operationName: '' }),
  'a number for a name': json({ query: '{ __typename }', operationName: 1 }),
  'a parameter that nobody knows': json({ query: '{ __typename }', other: 1 }),
  'a query that is no text': json({ query: { a: 1 } }),
  'no query': json({}),
  'an empty query': json({ query: '' }),
  'a query that does not parse': json({ query: '{' }),
  'a query of a field that is not there': json({ query: '{ nothing }' }),
  'a fragment alone': json({ query: 'fragment A on Query { __typename }' }),
  'a subscription': json({ query: 'subscription { nothing }' }),
  'an error of a field': json({ query: '{ supervisors(first: -1) { totalCount } }' }),
  'an error of one field of two': json({
    query: '{ __typename supervisor(id: "supervisor-0123456789ab") { id } node(id: "event-9") { id } }',
  }),
  'a refusal of a mutation': json({
    query: 'mutation { enableSupervisor(input: { supervisorId: "supervisor-0123456789ab" }) { supervisor { id } } }',
  }),
  introspection: json({ query: '{ __schema { queryType { name } } }' }),
  'a list with their plugins': json({
    query:
      '{ supervisors { edges { cursor node { id plugins { nodes { id } } } } pageInfo { endCursor } totalCount } }',
  }),
  'a batch': json([{ query: '{ __typename }' }, { query: '{ __typename }' }]),
  'an empty batch': json([]),
  'a body that is null': json(null),
  'a body that is text': json('{ __typename }'),
  'a body that is no JSON': { body: '{"query": ' },
  'no body': { body: '' },
  'bytes that are no UTF-8': { body: Buffer.from([0x7b, 0xff, 0xfe, 0x7d]).toString('latin1') },
  'another content type': { ...json({ query: '{ __typename }' }), headers: { 'content-type': 'text/plain' } },
  'a form': { body: 'query={__typename}', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  'GraphQL itself': { body: '{ __typename }', headers: { 'content-type': 'application/graphql' } },
  'a content type with a charset': {
    ...json({ query: '{ __typename }' }),
    headers: { 'content-type': 'application/json; charset=utf-8' },
  },
  'a content type in capitals': {
    ...json({ query: '{ __typename }' }),
    headers: { 'content-type': 'Application/JSON' },
  },
  'the cost asked for by a header': {
    ...json({ query: '{ supervisors { nodes { id } } }' }),
    headers: { 'x-muster-cost': '1' },
  },
  'a GET': { method: 'GET', search: '?query={__typename}' },
  'a GET of a mutation': { method: 'GET', search: '?query=mutation{nothing}' },
  'a GET of nothing': { method: 'GET' },
  'a PUT': { ...json({ query: '{ __typename }' }), method: 'PUT' },
  'a DELETE': { method: 'DELETE' },
  'an OPTIONS': { method: 'OPTIONS' },
};

describe.each(types)('where %s is accepted', (type) => {
  test.each(Object.keys(requests))('%s: both ways give the same answer', async (name) => {
    const [plain, yoga] = await Promise.all([answerTo(name, type, 'plain'), answerTo(name, type, 'yoga')]);
    expect(plain).toEqual(yoga);
  });
});

async function answerTo(name: string, type: Type, way: Way) {
  const { method = 'POST', headers = {}, search = '', body } = requests[name] ?? {};
  const response = await fetch(`${server.url}/graphql${search}`, {
    method,
    headers: { 'content-type': 'application/json', accept: wishes[way](type), ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return {
    status: response.status,
    type: response.headers.get('content-type')?.replaceAll(' ', ''),
    allow: response.headers.get('allow'),
    body: response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text,
  };
}
