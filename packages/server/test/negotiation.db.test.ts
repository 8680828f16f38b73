import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { graphql, useTestServer } from '../testing/index.ts';

const server = useTestServer();
const domainId = 'negotiation';

const documents = {
  query: () => '{ viewer { role } }',
  mutation: (hostname: string) =>
    `mutation { publishSupervisor(input: {domainId: "${domainId}", name: "a", hostname: "${hostname}"}) { supervisor { id } } }`,
  subscription: () => `subscription { watchPlugins(domainId: "${domainId}") { type } }`,
};
type Kind = keyof typeof documents;
type Method = 'POST' | 'GET';

/** Whether each kind can be answered, and in which media type. */
const accepts: Record<string, { answer: string | null; stream: boolean }> = {
  '': { answer: 'application/json', stream: true },
  '*/*': { answer: 'application/json', stream: true },
  'application/json': { answer: 'application/json', stream: false },
  'application/json;charset=utf-8': { answer: 'application/json', stream: false },
  'application/graphql-response+json': { answer: 'application/graphql-response+json', stream: false },
  'text/event-stream': { answer: 'text/event-stream', stream: true },
  'application/json, text/event-stream': { answer: 'application/json', stream: true },
  'multipart/mixed': { answer: 'multipart/mixed', stream: false },
  'text/plain': { answer: null, stream: false },
  'application/xml, image/*': { answer: null, stream: false },
  'application/json;charset=latin1': { answer: null, stream: false },
};

const cases = (['POST', 'GET'] as const).flatMap((method) =>
  Object.keys(accepts).flatMap((accept) =>
    (Object.keys(documents) as Kind[])
      .filter((kind) => method === 'POST' || kind !== 'mutation')
      .map((kind): [Method, string, Kind] => [method, accept, kind]),
  ),
);

interface Reply {
  status: number | undefined;
  type: string;
  /** As much as came before the request was given up, for a stream that goes on. */
  body: string;
}

/** `fetch` would always send the header. */
function ask(method: Method, accept: string, query: string): Promise<Reply> {
  const search = method === 'GET' ? `?${new URLSearchParams({ query })}` : '';
  const headers = { ...(accept === '' ? {} : { accept }), 'content-type': 'application/json' };
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const asked = request(`${server.url}/graphql${search}`, { method, headers });
  asked.on('error', reject).on('response', (response) => {
    let body = '';
    const reply = () => ({
      status: response.statusCode,
      type: String(response.headers['content-type']).split(';', 1)[0] ?? '',
      body,
    });
    response.on('data', (chunk) => {
      body += chunk;
      if (!body.includes('SYNCED')) return;
      resolve(reply());
      asked.destroy();
    });
    response.on('end', () => resolve(reply()));
    response.on('error', () => {});
  });
  asked.end(method === 'POST' ? JSON.stringify({ query }) : undefined);
  return promise;
}

async function countOf(hostname: string): Promise<unknown> {
  const query = `{ supervisors(domainId: "${domainId}", filter: {hostname: {eq: "${hostname}"}}) { totalCount } }`;
  return (await graphql(server.url, query)).data?.supervisors;
}

describe('what can’t be answered in an accepted media type is 406 before anything is executed', () => {
  test.each(cases)('%s, accepting %j: a %s', async (method, accept, kind) => {
    const hostname = `host-${method}-${cases.findIndex((each) => each[1] === accept)}`;
    const { answer, stream } = accepts[accept] ?? { answer: null, stream: false };
    const reply = await ask(method, accept, documents[kind](hostname));
    const isAnswered = kind === 'subscription' ? stream : answer !== null;
    if (isAnswered) {
      expect([reply.status, reply.type]).toEqual([200, kind === 'subscription' ? 'text/event-stream' : answer]);
    } else {
      expect(reply.status).toBe(406);
      expect(reply.body).toContain('"code":"BAD_USER_INPUT"');
      expect(reply.body).toContain('expected to be asked for ');
    }
    if (kind === 'mutation') expect(await countOf(hostname)).toEqual({ totalCount: isAnswered ? 1 : 0 });
    await expect.poll(() => server.load().streams).toBe(0);
  });

  test('the body of the refusal is JSON in the closed form, whatever was asked for', async () => {
    const { type, body } = await ask('POST', 'text/plain', documents.query());
    expect([type, JSON.parse(body)]).toEqual([
      'application/json',
      {
        errors: [
          {
            message:
              'expected to be asked for application/json, application/graphql-response+json, text/event-stream, multipart/mixed; got "text/plain"',
            extensions: { code: 'BAD_USER_INPUT' },
          },
        ],
      },
    ]);
  });

  test('a refused subscription begins no stream, not even for a moment', async () => {
    const streams = new Set<number>();
    const watch = setInterval(() => streams.add(server.load().streams));
    for (const method of ['POST', 'GET'] as const) {
      for (const accept of ['application/json', 'application/json;charset=utf-8', 'multipart/mixed']) {
        expect((await ask(method, accept, documents.subscription())).status).toBe(406);
        streams.add(server.load().streams);
      }
    }
    clearInterval(watch);
    expect([...streams]).toEqual([0]);
  });
});
