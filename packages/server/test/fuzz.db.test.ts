import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { propertyRuns } from '@muster/db/testing/propertyRuns';
import { testSeed } from '@muster/db/testing/seed';
import { buildSchema } from '@muster/schema';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { supervisorService } from '../src/wire/methods/methods.ts';
import { loadProtocol } from '../src/wire/proto/protocol.ts';
import { fragmentedDocument, write } from '../testing/fragmentedDocument.ts';
import { graphql, useTestServer } from '../testing/index.ts';

/** In the tests' titles, so that what one run found can be found again. */
const seed = testSeed();
const runs = (everywhere: number) => ({ numRuns: propertyRuns(everywhere), seed });

const server = useTestServer({ env: { MUSTER_MAX_BODY_BYTES: '65536' } });

/** Checks that the server still runs, and logged no error. */
afterEach(async () => {
  expect((await graphql(server.url, '{ viewer { role } plugins(first: 1) { nodes { id } } }')).status).toBe(200);
  expect(server.logged.filter(({ level }) => level >= 50)).toEqual([]);
});

const schema = buildSchema();
const bytes = fc.uint8Array({ maxLength: 400 }).map((list) => Buffer.from(list));
const names = [
  ...new Set(
    Object.values(schema.getTypeMap()).flatMap((type) => ('getFields' in type ? Object.keys(type.getFields()) : [])),
  ),
];
const document = fragmentedDocument(schema).map(({ document: of }) => write(of, { inline: false }));
const words = fc.constantFrom(
  '{',
  '}',
  '(',
  ')',
  ':',
  '...',
  '@skip',
  '$n',
  '"',
  '"""',
  '#',
  '!',
  '[',
  'on',
  'fragment',
  'mutation',
  'subscription',
  '__schema',
  '\0',
  '\ud800',
  '1e999',
  '-',
  ...names,
);

/** A text with some of its parts taken out, doubled, or replaced by words of the language. */
const broken = (whole: fc.Arbitrary<string>) =>
  fc
    .tuple(whole, fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(20), words), { maxLength: 6 }))
    .map(([whole, edits]) =>
      edits.reduce((given, [place, length, word]) => {
        const at = Math.floor(place * given.length);
        return `${given.slice(0, at)} ${word} ${given.slice(at + length)}`;
      }, whole),
    );
const query = fc.oneof(
  { weight: 4, arbitrary: document },
  broken(document),
  fc.array(words, { maxLength: 40 }).map((list) => list.join(' ')),
  fc.string(),
);
const value = fc.jsonValue({ maxDepth: 4 });
/** Most often the one, now and then the other. */
const mostly = <Usual, Odd>(usual: fc.Arbitrary<Usual>, odd: fc.Arbitrary<Odd>) =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: odd });
const variables = fc.record({
  n: mostly(fc.constantFrom(0, 3, 100, 101, -1, null), value),
  ids: mostly(
    fc.array(fc.constantFrom('x', 'supervisor-000000000000', 'plugin-000000000000'), { maxLength: 4 }),
    value,
  ),
});
const parameters = fc.record(
  {
    query: mostly(query, value),
    variables: mostly(variables, value),
    operationName: mostly(fc.constant(null), value),
    extensions: mostly(fc.constantFrom({}, { cost: true }), value),
  },
  { requiredKeys: ['query', 'variables'] },
);
const textOf = (given: unknown) => JSON.stringify(given);
const json = mostly(parameters.map(textOf), fc.oneof(value.map(textOf), broken(parameters.map(textOf))));

/** Below 500, or 503, which is documented for a database that is away. */
function expectNoFault(reply: { status: number; body: string }): void {
  if (reply.status !== 503) expect(reply.status).toBeLessThan(500);
  expect(reply.body).not.toContain('INTERNAL_SERVER_ERROR');
}

async function send(method: string, path: string, headers: Record<string, string>, body: string | Buffer) {
  const asked = request(`${server.url}${path}`, { method, headers });
  const answered = once(asked, 'response');
  asked.end(body);
  const [response] = await answered;
  return { status: response.statusCode as number, body: await text(response) };
}

describe(`seed ${seed}`, () => {
  test('/graphql answers any body with less than 500', async () => {
    const accepts = mostly(
      fc.constantFrom('*/*', 'application/json', 'application/graphql-response+json'),
      fc.constantFrom('text/event-stream', 'image/png'),
    );
    await fc.assert(
      fc.asyncProperty(mostly(json, bytes), accepts, async (body, accept) => {
        const stream = typeof body === 'string' && accept === 'text/event-stream' && body.includes('subscription');
        if (stream) return;
        expectNoFault(await send('POST', '/graphql', { 'content-type': 'application/json', accept }, body));
      }),
      runs(300),
    );
  });

  test('/graphql answers any URL with less than 500', async () => {
    await fc.assert(
      fc.asyncProperty(query, fc.string(), async (asked, others) => {
        const url = `/graphql?query=${encodeURIComponent(asked.toWellFormed())}&${encodeURI(others.toWellFormed())}`;
        expectNoFault(await send('GET', url.slice(0, 4_000), { accept: 'application/json' }, ''));
      }),
      runs(100),
    );
  });

  test('a port of HTTP answers any bytes, or closes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, fc.string()), async (raw) => {
        const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
        socket.on('error', () => {});
        socket.end(raw);
        expect(await text(socket).catch(() => '')).not.toMatch(/^HTTP\/1.1 5/);
      }),
      runs(50),
    );
  });

  test('a WebSocket answers any messages with errors or results, or closes with a code of the client’s fault', async () => {
    const start = fc
      .record({ id: fc.nat(9).map(String), type: fc.constant('subscribe'), payload: parameters })
      .map(textOf);
    const types = fc.constantFrom('complete', 'ping', 'pong', 'next', 'error', 'connection_init');
    const other = fc.record({ id: fc.nat(9).map(String), type: types, payload: value }).map(textOf);
    const odd = fc.oneof(other, json, fc.string(), bytes);
    const message = mostly(start, odd);
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 5 }),
        mostly(fc.constant(true), fc.constant(false)),
        async (messages, greets) => {
          const webSocket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
          const told: string[] = [];
          webSocket.on('message', (data) => told.push(String(data)));
          webSocket.on('error', () => {});
          await once(webSocket, 'open');
          const closed = once(webSocket, 'close');
          if (greets) {
            webSocket.send('{"type":"connection_init"}');
            await once(webSocket, 'message');
          }
          for (const each of messages) webSocket.send(each);
          // One that is answered in order with everything before it, and closes what hasn't been closed yet.
          webSocket.send('{"type":"subscribe","id":"last","payload":{"query":"{ __typename }"}}');
          webSocket.send('{"type":"nonsense"}');
          const [code] = await closed;
          expect(code === 1007 || code === 1009 || (code >= 4400 && code < 4500)).toBe(true);
          expect(told.join('\n')).not.toContain('INTERNAL_SERVER_ERROR');
        },
      ),
      runs(100),
    );
  });

  const inputs = new Map(
    loadProtocol()
      .service(supervisorService.name)
      .methods.map(({ name, input }) => [name, input.fields.map((field) => field.name)]),
  );
  const filter = fc.record({
    k: fc.constantFrom('state', 'name', 'nope'),
    v: value,
    o: fc.constantFrom('eq', 'in', 'regex', 'nope'),
  });
  const wireQuery = fc.record(
    {
      filter: fc.array(filter, { maxLength: 3 }),
      page: fc.record({ start: fc.integer(), limit: fc.integer() }),
      sort: fc.record({ key: fc.constantFrom('name', 'nope'), desc: value }),
      only: fc.array(fc.constantFrom('name', 'state', 'nope'), { maxLength: 3 }),
      keyword: fc.string(),
    },
    { requiredKeys: [] },
  );
  const wireValue = fc.oneof(
    fc.constantFrom('x', 'domain-fuzz', 'ACTIVE', 'ENABLED', 5, true),
    wireQuery,
    fc.array(wireQuery),
    value,
  );
  /** A method with a request of its fields. */
  const call = fc.constantFrom(...supervisorService.methods).chain((method) =>
    fc.record({
      method: fc.constant(method),
      route: fc.constantFrom(...method.routes),
      body: fc.dictionary(fc.constantFrom(...(inputs.get(method.name) ?? [])), wireValue, { maxKeys: 6 }),
      search: mostly(
        fc.constant({}),
        fc.dictionary(fc.constantFrom(...(inputs.get(method.name) ?? [])), fc.string(), { maxKeys: 3 }),
      ),
    }),
  );

  test('REST answers any request with less than 500', async () => {
    const segment = mostly(
      fc.constantFrom('x', 'supervisor-000000000000'),
      fc.oneof(
        fc.constantFrom('%', '%00', '..', '%2F'),
        fc.string().map((given) => encodeURIComponent(given.toWellFormed())),
      ),
    );
    const body = (given: object) =>
      mostly(fc.constant(textOf(given)), fc.oneof(broken(fc.constant(textOf(given))), bytes));
    const asked = call.chain((one) =>
      fc.tuple(fc.constant(one), body(one.body), fc.array(segment, { minLength: 2, maxLength: 2 })),
    );
    await fc.assert(
      fc.asyncProperty(asked, async ([{ route, search }, text, [first = '', second = '']]) => {
        const path = route.path.replace(/\{\w+\}/, () => first).replace(/\{\w+\}/, () => second);
        const parameters = new URLSearchParams(
          Object.entries(search).map(([name, given]) => [name, given.toWellFormed()]),
        );
        const withBody = route.verb !== 'GET';
        const headers = withBody ? { 'content-type': 'application/json' } : {};
        expectNoFault(await send(route.verb, `${path}?${parameters}`, headers, withBody ? text : ''));
      }),
      runs(300),
    );
  });

  test('gRPC answers any message with a status of the client’s fault, or a result', async () => {
    const client = new Client(server.grpcAddress, credentials.createInsecure());
    const same = (given: Buffer) => given;
    const call = (method: string, message: Buffer) =>
      new Promise<ServiceError | null>((resolve) => {
        client.makeUnaryRequest(`/${supervisorService.name}/${method}`, same, same, message, new Metadata(), (error) =>
          resolve(error),
        );
      });
    // Fields by number, of texts: what decodes, if the message has such fields.
    const field = fc.tuple(
      fc.integer({ min: 1, max: 12 }),
      fc.oneof(fc.string(), fc.constantFrom('supervisor-000000000000', '\0')),
    );
    const fielded = fc.array(field, { maxLength: 5 }).map((list) =>
      Buffer.concat(
        list.map(([number, given]) => {
          const content = Buffer.from(given.slice(0, 40));
          return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
        }),
      ),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...supervisorService.methods),
        fc.oneof(bytes, fielded),
        async ({ name }, message) => {
          const error = await call(name, message);
          const faults: (status | undefined)[] = [status.INTERNAL, status.UNKNOWN, status.DATA_LOSS];
          expect(faults, error?.details).not.toContain(error?.code);
        },
      ),
      runs(200),
    );
    client.close();
  });
});
