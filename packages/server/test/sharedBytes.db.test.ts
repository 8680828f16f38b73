import { once } from 'node:events';
import { type Core, openCore, openViewer } from '@muster/core';
import { createRandom } from '@muster/core/testing';
import { buildSchema, createContext } from '@muster/schema';
import { type DocumentNode, type ExecutionResult, parse, subscribe, validate } from 'graphql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { toClientError } from '../src/errors/clientError.ts';
import { type Fleet, fleetOf, startTestServer, type TestServer } from '../testing/index.ts';
import { randomSubscription } from '../testing/randomSubscription.ts';

/** The messages of sockets, which share their work, against those that graphql-js makes of the same documents. */
let server: TestServer;
let fleet: Fleet;
let core: Core;
let close: () => Promise<void>;
let supervisorId: string;
const schema = buildSchema();

beforeAll(async () => {
  server = await startTestServer({
    env: {
      MUSTER_EVENT_POLL_MS: '600000',
      MUSTER_SWEEP_INTERVAL_MS: '600000',
      // Random documents have more of both than any client's.
      MUSTER_MAX_DIRECTIVES: '1000',
      MUSTER_MAX_ALIASES: '1000',
      // They may cost anything, too.
      MUSTER_MAX_SUBSCRIPTION_COST: '200000',
    },
  });
  fleet = fleetOf(server.url, 'wire');
  const opened = await openCore(server.db, { sweeps: false, settings: { eventPollMs: 600_000 } });
  core = opened.core;
  close = opened.close;
  for (const state of ['ACTIVE', 'ERROR']) supervisorId = await fleet.report(state, state, { endpoint: 'grpc://a:1' });
  await fleet.ask(
    `mutation ($input: RegisterSupervisorInput!) { registerSupervisor(input: $input) { supervisor { id } } }`,
    {
      input: { supervisorId, labels: { b: 1, a: { ä: [null, 1.5] } }, tags: { t: '\u2028' } },
    },
  );
});
afterAll(async () => {
  await close();
  await server.stop();
});

/** Subscribes by graphql-js, and takes the text of each result; returns how to stop. */
async function takeResults(
  document: DocumentNode,
  variableValues: Record<string, unknown>,
  take: (text: string) => void,
) {
  const stream = await subscribe({
    schema,
    document,
    variableValues,
    contextValue: createContext(core, openViewer),
  });
  if (!(Symbol.asyncIterator in stream)) throw new Error(JSON.stringify(stream));
  const mask = (error: unknown) => toClientError(error, () => {});
  const text = ({ errors, ...rest }: ExecutionResult) =>
    JSON.stringify(errors ? { errors: errors.map(mask), ...rest } : rest);
  const reading = (async () => {
    for await (const result of stream) take(text(result));
  })();
  return async () => {
    await stream.return(undefined);
    await reading;
  };
}

test.each([1, 2, 3])('a socket receives what graphql-js says, to the byte (seed %i)', async (seed) => {
  const random = createRandom(seed);
  const after = await fleet.cursor();
  const socket = new WebSocket(`${server.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await once(socket, 'open');
  socket.send('{"type":"connection_init"}');
  await once(socket, 'message');
  const received: string[][] = [];
  socket.on('message', (data) => {
    const [, id = '', payload = ''] = /^\{"id":"(\d+)","type":"next","payload":(.*)\}$/s.exec(String(data)) ?? [];
    received[Number(id)]?.push(payload);
  });

  const documents = Array.from({ length: 30 }, () => randomSubscription(random, after));
  const expected: string[][] = [];
  const stops: (() => Promise<void>)[] = [];
  for (const [id, { query, variables }] of documents.entries()) {
    const document = parse(query);
    expect(validate(schema, document), query).toEqual([]);
    const own: string[] = [];
    expected.push(own);
    received.push([]);
    stops.push(await takeResults(document, variables, (text) => own.push(text)));
    socket.send(JSON.stringify({ id: `${id}`, type: 'subscribe', payload: { query, variables } }));
  }

  /** How many results each document has had by now. */
  const counts = documents.map(({ field }) => ({ watchPlugins: 3, watchSupervisors: 3 })[field] ?? 0);
  async function expectSame(...changed: string[]): Promise<void> {
    for (const [i, { field }] of documents.entries()) counts[i] = (counts[i] ?? 0) + (changed.includes(field) ? 1 : 0);
    await expect.poll(() => received.map(({ length }) => length)).toEqual(counts);
    await expect.poll(() => expected.map(({ length }) => length)).toEqual(counts);
    for (const [i, { query }] of documents.entries()) expect(received[i], query).toEqual(expected[i]);
  }
  await expectSame();
  const ask = (name: string, fields = '') =>
    fleet.ask(
      `mutation { ${name}Supervisor(input: {supervisorId: "${supervisorId}"${fields}}) { supervisor { id } } }`,
    );
  await fleet.report('ERROR', 'ACTIVE', { message: `"seed" ${seed} \\ 😀` });
  await expectSame('pluginStateChanged', 'watchPlugins');
  await ask('disable');
  await expectSame('supervisorStateChanged', 'watchSupervisors');
  await ask('update', `, name: "name ${seed}"`);
  await expectSame('watchSupervisors');
  await ask('enable');
  await expectSame('supervisorStateChanged', 'watchSupervisors');
  await fleet.report('ERROR', 'ERROR');
  await expectSame('pluginStateChanged', 'watchPlugins');

  expect(expected.flat().some((text) => text.startsWith('{"errors"'))).toBe(true);
  for (const stop of stops) await stop();
  socket.terminate();
  await expect.poll(() => server.load()).toEqual({ streams: 0, groups: 0 });
});
