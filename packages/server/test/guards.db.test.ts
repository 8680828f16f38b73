import { DomainError } from '@muster/core';
import { beforeEach, describe, expect, test } from 'vitest';
import type { GuardedOperation } from '../src/limits/guard.ts';
import { standardGuards } from '../src/limits/guards.ts';
import { graphql, openSocket, openStream, useTestServer } from '../testing/index.ts';

/** While it is on, the limit that this file adds to the others refuses every operation. */
let isRefusing = false;
let seen: Pick<GuardedOperation, 'kind' | 'cost'>[] = [];
const server = useTestServer({
  createGuards: (config, rateLimiter) => [
    ...standardGuards(config, rateLimiter),
    {
      stage: 'execution',
      check: ({ kind, cost, viewer }) => {
        seen.push({ kind, cost });
        if (isRefusing) throw new DomainError('RATE_LIMITED', 'expected another day', {}, viewer.subject);
      },
    },
  ],
});

beforeEach(() => {
  isRefusing = false;
  seen = [];
});

interface Outcome {
  readonly codes: readonly unknown[];
  readonly data: unknown;
}

interface Reply {
  data?: unknown;
  errors?: { extensions: { code: string } }[];
}

const outcomeOf = ({ data, errors = [] }: Reply): Outcome => ({
  codes: errors.map(({ extensions }) => extensions.code),
  data,
});

async function ask(init: RequestInit, search = ''): Promise<Outcome> {
  const response = await fetch(`${server.url}/graphql${search}`, init);
  return outcomeOf((await response.json()) as Reply);
}

const post = (query: string, accept: string) =>
  ask({ method: 'POST', headers: { 'content-type': 'application/json', accept }, body: JSON.stringify({ query }) });

/** The first outcome of an operation, by each front that executes GraphQL. */
const fronts: Record<string, (query: string) => Promise<Outcome>> = {
  POST: (query) => post(query, 'application/json'),
  'POST, as yoga answers it': (query) => post(query, 'application/json;charset=utf-8'),
  GET: (query) => ask({}, `?${new URLSearchParams({ query })}`),
  'server-sent events': async (query) => {
    const stream = await openStream(server.url, query);
    const { payload } = await stream.next();
    stream.close();
    return outcomeOf(payload as Reply);
  },
  WebSocket: async (query) => {
    const socket = await openSocket(server.url);
    socket.start('1', query);
    const { type, payload } = await socket.next('1');
    await socket.close();
    return outcomeOf(type === 'error' ? { errors: payload as NonNullable<Reply['errors']> } : (payload as Reply));
  },
};

const publish = (hostname: string) =>
  `mutation { publishSupervisor(input: {domainId: "guards", name: "a", hostname: "${hostname}"}) { supervisor { id } } }`;

/** Operations of each kind, whose text no other has: nobody has asked for them before. */
let count = 0;
const documents: Record<GuardedOperation['kind'], () => string> = {
  query: () => `{ supervisors { totalCount } } # ${count++}`,
  mutation: () => publish(`host-${count++}`),
  subscription: () => `subscription { watchPlugins(domainId: "guards") { type } } # ${count++}`,
};
const kinds = Object.keys(documents) as GuardedOperation['kind'][];

/** A subscription needs a front that can stream, and a GET changes nothing. */
const isServed = (front: string, kind: string) =>
  kind === 'query' || !(kind === 'mutation' ? front === 'GET' : /^(POST|GET)/.test(front));
const cases = Object.keys(fronts).flatMap((front) =>
  kinds.filter((kind) => isServed(front, kind)).map((kind) => [front, kind] as const),
);

describe('a limit that is added to the list of guards holds for every operation', () => {
  test.each(cases)('by %s: a %s, whether its document is cached or new', async (front, kind) => {
    const through = fronts[front];
    if (!through) throw new Error(`no front ${front}`);
    const cached = documents[kind]();
    expect(await through(cached)).toMatchObject({ codes: [], data: expect.any(Object) });
    isRefusing = true;
    for (const document of [cached, documents[kind]()]) {
      expect(await through(document)).toEqual({ codes: ['RATE_LIMITED'], data: undefined });
    }
    expect(seen).toHaveLength(3);
    for (const operation of seen) expect(operation).toEqual({ kind, cost: expect.any(Number) });
  });

  test.each(['POST', 'GET'])('by %s: a subscription that is to be answered as JSON', async (front) => {
    isRefusing = true;
    expect(await fronts[front]?.(documents.subscription())).toEqual({ codes: ['RATE_LIMITED'], data: undefined });
  });

  test('and nothing that it refuses is executed', async () => {
    isRefusing = true;
    await fronts.POST?.(publish('refused'));
    await fronts.WebSocket?.(publish('refused'));
    isRefusing = false;
    const { data } = await graphql(
      server.url,
      '{ supervisors(domainId: "guards", filter: {hostname: {eq: "refused"}}) { totalCount } }',
    );
    expect(data).toEqual({ supervisors: { totalCount: 0 } });
  });
});
