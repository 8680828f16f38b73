import { openViewer, type Viewer } from '@muster/core';
import { createRights } from '@muster/core/testing';
import { buildSchema } from '@muster/schema';
import { createYoga } from 'graphql-yoga';
import { expect, test } from 'vitest';
import { toClientError } from '../errors/clientError.ts';
import type { Yoga } from '../graphql/engine.ts';
import { createUsage } from '../limits/concurrencyLimit.ts';
import { createRequestRate } from '../limits/rateLimiter.ts';
import type { SharedSubscriptions } from '../live/sharedSubscriptions.ts';
import type { SocketWriter } from '../live/socketWriter.ts';
import { createOperations } from './protocol.ts';

test('trap: a throw in the context ends its operation, with nothing of its text, and never the socket', async () => {
  const reported: unknown[] = [];
  const mask = (error: unknown) => toClientError(error, (_id, cause) => reported.push(cause));
  const yoga = createYoga({
    schema: buildSchema(),
    context: () => {
      throw new Error('the password is 1234');
    },
    maskedErrors: { maskError: mask },
    logging: false,
  }) as unknown as Yoga;
  const sent: { type: string; id?: string; payload?: unknown }[] = [];
  const closes: number[] = [];
  let receive: (text: string) => Promise<void> = async () => {};
  createOperations({
    yoga,
    live: {} as SharedSubscriptions,
    access: { rights: createRights(Date.now), authenticate: async () => openViewer },
    rate: createRequestRate({ perSecond: 10, now: () => 0 }),
    costs: { admit: () => 0 },
    connections: createUsage('connections', 1),
    maxOperationsPerConnection: 10,
    mask,
  }).opened(
    {
      protocol: 'graphql-transport-ws',
      send: (text) => void sent.push(JSON.parse(text)),
      close: (code) => void closes.push(code ?? 0),
      onMessage: (take) => {
        receive = take;
      },
    },
    { request: { headers: {} }, writer: {} as SocketWriter, close: () => {}, releases: [] },
  );

  await receive(JSON.stringify({ type: 'connection_init' }));
  for (const id of ['1', '2']) {
    await receive(JSON.stringify({ type: 'subscribe', id, payload: { query: '{ __typename }' } }));
  }

  expect(sent.map(({ type, id }) => [type, id])).toEqual([
    ['connection_ack', undefined],
    ['error', '1'],
    ['error', '2'],
  ]);
  expect(sent[1]?.payload).toMatchObject([{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }]);
  expect(JSON.stringify(sent)).not.toContain('1234');
  expect(reported.map(String)).toContain('Error: the password is 1234');
  expect(closes).toEqual([]);
});

test('a connection that is closed while its credential is looked at takes nothing of its viewer', async () => {
  const looked = Promise.withResolvers<Viewer>();
  const rights = createRights(Date.now);
  const connections = createUsage('connections', 1);
  const server = createOperations({
    yoga: {} as Yoga,
    live: {} as SharedSubscriptions,
    costs: { admit: () => 0 },
    access: { rights, authenticate: () => looked.promise },
    rate: createRequestRate({ perSecond: 10, now: () => 0 }),
    connections,
    maxOperationsPerConnection: 10,
    mask: (error) => toClientError(error, () => {}),
  });
  let receive: (text: string) => Promise<void> = async () => {};
  const closed = server.opened(
    {
      protocol: 'graphql-transport-ws',
      send: () => {},
      close: () => {},
      onMessage: (take) => {
        receive = take;
      },
    },
    { request: { headers: {} }, writer: {} as SocketWriter, close: () => {}, releases: [] },
  );
  const initialised = receive(JSON.stringify({ type: 'connection_init' }));
  await closed(1006, 'gone');
  looked.resolve({ ...openViewer, credential: { id: 'key-1', keyId: 'key-1', expiresAtMs: null } });
  await initialised;
  expect([...rights.keyIds]).toEqual([]);
  connections.take({ ...openViewer, credential: { id: 'key-1', keyId: 'key-1', expiresAtMs: null } });
});
