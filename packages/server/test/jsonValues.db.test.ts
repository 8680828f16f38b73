import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  graphql,
  openReflectionClient,
  openSocket,
  type ReflectionClient,
  restClient,
  useTestServer,
} from '../testing/index.ts';

const server = useTestServer();
const service = 'spaceone.api.plugin.v1.Supervisor';
const domainId = 'json-values';

let grpc: ReflectionClient;
beforeAll(async () => {
  grpc = await openReflectionClient(server.grpcAddress);
});
afterAll(() => grpc.close());

/** An object literal would set the prototype. */
const text =
  '{"__proto__": {"polluted": "yes", "__proto__": [1]}, "constructor": "c", "toString": null, "a": 9007199254740991}';
const labels: Record<string, unknown> = JSON.parse(text);
/** JSON in a form to compare, whatever the order of its keys and whatever they are. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical)}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}: ${canonical(inner)}`);
  return `{${entries.sort()}}`;
}

const read =
  'query ($f: SupervisorFilter) { supervisors(filter: $f) { totalCount nodes { id hostname labels tags } } }';

interface Found {
  totalCount: number;
  nodes: { id: string; hostname: string; labels: object; tags: object }[];
}

async function find(filter: object): Promise<Found> {
  const { data, errors } = await graphql<{ supervisors: Found }>(server.url, read, {
    f: { domainId: { eq: domainId }, ...filter },
  });
  expect(errors).toBeUndefined();
  return data?.supervisors as Found;
}

/** Each way to publish. */
const publishes: Record<string, (hostname: string) => Promise<unknown>> = {
  'GraphQL, in variables': async (hostname) =>
    (
      await graphql(
        server.url,
        'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { supervisor { labels } } }',
        {
          input: { domainId, name: 'a', hostname, labels, tags: labels },
        },
      )
    ).errors,
  'GraphQL, in a literal': async (hostname) => {
    const literal = `{__proto__: {polluted: "yes", __proto__: [1]}, constructor: $c, toString: null, a: 9007199254740991}`;
    const query = `mutation ($c: String) { publishSupervisor(input: {domainId: "${domainId}", name: "a", hostname: "${hostname}", labels: ${literal}, tags: ${literal}}) { supervisor { labels } } }`;
    return (await graphql(server.url, query, { c: 'c' })).errors;
  },
  REST: async (hostname) =>
    (
      await restClient(server.url).post('/supervisors', {
        domain_id: domainId,
        name: 'a',
        hostname,
        labels,
        tags: labels,
      })
    ).body.error,
  gRPC: async (hostname) => {
    await grpc.call(service, 'publish', { domain_id: domainId, name: 'a', hostname, labels: [labels], tags: labels });
  },
};

test.each(Object.keys(publishes))('`__proto__` is a key like any other: %s', async (way) => {
  const hostname = way.toLowerCase().replaceAll(/\W+/g, '-');
  expect(await publishes[way]?.(hostname)).toBeUndefined();
  const { nodes } = await find({ hostname: { eq: hostname }, labels: { hasKey: '__proto__', contains: labels } });
  expect(nodes.map((node) => node.hostname)).toEqual([hostname]);
  for (const kept of [nodes[0]?.labels, nodes[0]?.tags]) {
    expect(canonical(kept)).toBe(canonical(labels));
  }
  const [stored] = await server.db.sql.query<{ same: boolean }>(
    'SELECT labels = $1::jsonb AND tags = $1::jsonb AS same FROM supervisors WHERE domain_id = $2 AND hostname = $3',
    [text, domainId, hostname],
  );
  expect(stored).toEqual({ same: true });
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

test('all ways to read show it, and all filters find it', async () => {
  await publishes['GraphQL, in variables']?.('read');
  const query = `{ supervisors(filter: {domainId: {eq: "${domainId}"}, hostname: {eq: "read"}, labels: {contains: {__proto__: {polluted: "yes"}}}}) { nodes { id } } }`;
  const { data } = await graphql<{ supervisors: Found }>(server.url, query);
  const supervisor_id = data?.supervisors.nodes[0]?.id;
  const byId = `{ node(id: "${supervisor_id}") { ... on Supervisor { labels } } }`;
  const { data: node } = await graphql<{ node: { labels: object } }>(server.url, byId);
  const viaRest = (await restClient(server.url).get(`/supervisor/${supervisor_id}?domain_id=${domainId}`)).body;
  const viaGrpc = await grpc.call(service, 'get', { supervisor_id, domain_id: domainId });
  const search = { domain_id: domainId, query: { filter: [{ k: 'labels.__proto__.polluted', v: 'yes', o: 'eq' }] } };
  const found = (await grpc.call(service, 'list', search)).results as { labels: object }[];
  for (const shown of [node?.node.labels, viaRest.labels, viaGrpc.labels, found[0]?.labels]) {
    expect(canonical(shown)).toBe(canonical(labels));
  }
  expect((await find({ labels: { contains: JSON.parse('{"__proto__": {"polluted": "no"}}') } })).totalCount).toBe(0);
  expect((await find({ labels: { hasKey: '__defineGetter__' } })).totalCount).toBe(0);
});

test('a watch, which tests rows in memory, finds it, and the event of its change has it', async () => {
  const socket = await openSocket(server.url);
  const watch =
    'subscription ($f: SupervisorFilter) { watchSupervisors(filter: $f) { type supervisor { hostname labels } } }';
  socket.start('1', watch, {
    f: { domainId: { eq: domainId }, hostname: { eq: 'watched' }, labels: { hasKey: '__proto__', contains: labels } },
  });
  expect(await socket.nextData('1', 'watchSupervisors')).toMatchObject({ type: 'SYNCED' });
  await graphql(
    server.url,
    `mutation { publishSupervisor(input: {domainId: "${domainId}", name: "a", hostname: "watched"}) { nextPublishInMs } }`,
  );
  await publishes['GraphQL, in variables']?.('watched');
  const { supervisor } = await socket.nextData<{ supervisor: { labels: object } }>('1', 'watchSupervisors');
  expect(canonical(supervisor.labels)).toBe(canonical(labels));
  await socket.close();
  const query = `{ events(domainId: "${domainId}", last: 1, filter: {kind: {eq: SUPERVISOR_UPDATED}}) { nodes { changes } } }`;
  const { data } = await graphql<{ events: { nodes: { changes: object }[] } }>(server.url, query);
  expect(JSON.stringify(data?.events.nodes[0]?.changes)).toContain('"__proto__":');
});

test.each([2 ** 53, -(2 ** 53), 1e21])('the number %d is refused over REST and gRPC, with its path', async (number) => {
  const publish = { domain_id: domainId, name: 'a', hostname: 'numbers', tags: { a: [number] } };
  const reply = await restClient(server.url).post('/supervisors', publish);
  expect([reply.status, reply.body.error]).toMatchObject([400, { code: 'BAD_USER_INPUT', path: ['tags', 'a', 0] }]);
  await expect(grpc.call(service, 'publish', publish)).rejects.toMatchObject({
    code: 3,
    details: expect.stringContaining('tags.a[0]: expected a number from -9007199254740991 to 9007199254740991'),
  });
  const search = { domain_id: domainId, query: { filter: [{ k: 'labels.a', v: number, o: 'eq' }] } };
  await expect(grpc.call(service, 'list', search)).rejects.toMatchObject({ code: 3 });
});

test('a number that JSON reads as infinite is refused', async () => {
  const headers = { 'content-type': 'application/json' };
  const body = `{"domain_id": "${domainId}", "name": "a", "hostname": "infinite", "labels": {"a": 1e999}}`;
  const rest = await fetch(`${server.url}/plugin/v1/supervisors`, { method: 'POST', headers, body });
  expect([rest.status, await rest.json()]).toMatchObject([400, { error: { path: ['labels', 'a'] } }]);
  const query = 'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { nextPublishInMs } }';
  const variables = `{"input": {"domainId": "${domainId}", "name": "a", "hostname": "infinite", "labels": {"a": 1e999}}}`;
  const reply = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers,
    body: `{"query": ${JSON.stringify(query)}, "variables": ${variables}}`,
  });
  expect(await reply.json()).toMatchObject({
    errors: [{ extensions: { code: 'BAD_USER_INPUT', path: ['input', 'labels', 'a'] } }],
  });
});

describe('GraphQL takes JSON whole or refuses it before anything is executed, with its path', () => {
  const publishInput =
    'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { nextPublishInMs } }';
  const cases: Record<string, { query: string; variables?: object; path?: (string | number)[]; says?: string }> = {
    'a bare word in a literal of labels': {
      query: `mutation { publishSupervisor(input: {domainId: "json-values", name: "a", hostname: "h", labels: {a: [1, {env: prod}]}}) { nextPublishInMs } }`,
      path: ['input', 'labels', 'a', 1, 'env'],
      says: 'expected a text in quotes, as "prod"; got the word prod',
    },
    'a bare word in a filter by labels': {
      query: '{ supervisors(filter: {labels: {contains: {env: prod}}}) { totalCount } }',
      path: ['filter', 'labels', 'contains', 'env'],
    },
    'a bare word in the default of a variable': {
      query: 'query ($l: JSONObject = {env: prod}) { supervisors(filter: {labels: {contains: $l}}) { totalCount } }',
      says: 'got the word prod',
    },
    'a variable that is left out of a literal of labels': {
      query: `mutation ($env: String, $zone: String) { publishSupervisor(input: {domainId: "json-values", name: "a", hostname: "h", tags: {zones: [$zone, {env: $env}]}}) { nextPublishInMs } }`,
      variables: { zone: 'b' },
      path: ['input', 'tags', 'zones', 1, 'env'],
      says: 'expected a value for $env, which is part of JSON; got none',
    },
    'a variable that is left out of a filter by labels': {
      query:
        'query ($env: String) { ...F } fragment F on Query { plugins(filter: {supervisor: {labels: {contains: {env: $env}}}}) { totalCount } }',
      path: ['filter', 'supervisor', 'labels', 'contains', 'env'],
    },
    'a time within a literal of labels': {
      query: `mutation ($at: DateTime) { publishSupervisor(input: {domainId: "json-values", name: "a", hostname: "h", labels: {at: $at}}) { nextPublishInMs } }`,
      variables: { at: '2026-01-01T00:00:00Z' },
      path: ['input', 'labels', 'at'],
      says: 'expected JSON',
    },
    ...Object.fromEntries(
      ['1e999', '-1e999', '9007199254740993', '-9007199254740993', '123456789012345678901234567890', '1e-999'].map(
        (number) => [
          `the number ${number} in a literal of labels`,
          {
            query: `mutation { publishSupervisor(input: {domainId: "json-values", name: "a", hostname: "h", labels: {a: [${number}]}}) { nextPublishInMs } }`,
            path: ['input', 'labels', 'a', 0],
            says: `expected a number that keeps its digits, or a text in quotes; got ${number}`,
          },
        ],
      ),
    ),
    'a number in labels that a double can not hold': {
      query: publishInput,
      variables: { input: { domainId, name: 'a', hostname: 'h', labels: { a: [2 ** 53] } } },
      path: ['input', 'labels', 'a', 0],
      says: 'expected a number from -9007199254740991 to 9007199254740991',
    },
    'a number in a filter by labels that a double can not hold': {
      query: 'query ($f: SupervisorFilter) { supervisors(filter: $f) { totalCount } }',
      variables: { f: { labels: { contains: { a: 2 ** 60 } } } },
      path: ['f', 'labels', 'contains', 'a'],
    },
    'an id that JSON has rounded': {
      query: 'query ($id: ID) { supervisors(domainId: $id) { totalCount } }',
      variables: { id: 2 ** 53 },
      path: ['id'],
    },
    'a variable called __proto__': {
      query: 'query ($__proto__: SupervisorFilter) { supervisors(filter: $__proto__) { totalCount } }',
      variables: JSON.parse('{"__proto__": {"name": {"eq": "a"}}}'),
      says: 'expected another name of a variable than $__proto__',
    },
    'a cursor that is a bare word': {
      query: 'subscription { pluginStateChanged(after: nope) { from } }',
      path: ['after'],
    },
  };

  test.each(Object.entries(cases))('%s', async (_title, { query, variables = {}, path, says = '' }) => {
    const { errors = [], data } = await graphql(server.url, query, { ...variables });
    expect(Object.values(data ?? {}).filter((field) => field !== null)).toEqual([]);
    expect(errors[0]).toMatchObject({ message: expect.stringContaining(says), extensions: { code: 'BAD_USER_INPUT' } });
    if (path) expect(errors[0]?.extensions.path).toEqual(path);
  });
});
