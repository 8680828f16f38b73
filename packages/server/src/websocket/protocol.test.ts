import { type Core, openViewer, type Viewer } from '@muster/core';
import { createRights } from '@muster/core/testing';
import { buildSchema } from '@muster/schema';
import { GraphQLError } from 'graphql';
import { expect, test } from 'vitest';
import { createTestAdmission } from '../../testing/admission.ts';
import { toClientError } from '../errors/clientError.ts';
import type { Pipeline } from '../graphql/operation.ts';
import { createPipeline } from '../graphql/pipeline.ts';
import { createConcurrencyLimit } from '../limits/concurrencyLimit.ts';
import { createLoopTurns } from '../limits/loopTurns.ts';
import type { SharedSubscriptions } from '../live/sharedSubscriptions.ts';
import type { WebSocketWriter } from '../live/socketWriter.ts';
import type { Client } from '../security/authentication.ts';
import { createProtocol, type SocketExtra } from './protocol.ts';

const newExtra = (): SocketExtra => ({
  request: { headers: {} },
  client: {} as Client,
  writer: { caughtUp: () => undefined } as WebSocketWriter,
  unsent: { assign: () => {} },
  close: () => {},
  releases: [],
});

test('trap: a throw in the execution of an operation ends its operation, with nothing of its text, and never the socket', async () => {
  const reported: unknown[] = [];
  const mask = (error: unknown) => toClientError(error, (_id, cause) => reported.push(cause));
  const viewer: Viewer = {
    ...openViewer,
    get role(): never {
      throw new Error('the password is 1234');
    },
  };
  const pipeline = createPipeline({
    schema: buildSchema(),
    core: { hub: { tail: { position: 0 } } } as Core,
    guards: [],
    admission: createTestAdmission(),
    introspection: true,
    maxPageSize: 100,
    maxErrors: 10,
    mask,
  });
  const sent: { type: string; id?: string; payload?: unknown }[] = [];
  const closes: number[] = [];
  let receive: (text: string) => Promise<void> = async () => {};
  createProtocol({
    pipeline,
    live: {} as SharedSubscriptions,
    access: { rights: createRights(Date.now) },
    authentication: { authenticate: () => viewer },
    rateLimiter: { consume: () => {} },
    connections: createConcurrencyLimit('connections', 1),
    maxOperationsPerConnection: 10,
    loopTurns: createLoopTurns(),
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
    newExtra(),
  );

  await receive(JSON.stringify({ type: 'connection_init' }));
  for (const id of ['1', '2']) {
    await receive(JSON.stringify({ type: 'subscribe', id, payload: { query: '{ supervisors { totalCount } }' } }));
  }

  expect(sent.map(({ type, id }) => [type, id])).toEqual([
    ['connection_ack', undefined],
    ['next', '1'],
    ['complete', '1'],
    ['next', '2'],
    ['complete', '2'],
  ]);
  expect(sent[1]?.payload).toMatchObject({ errors: [{ extensions: { code: 'INTERNAL_SERVER_ERROR' } }] });
  expect(JSON.stringify(sent)).not.toContain('1234');
  expect(reported.join()).toContain('the password is 1234');
  expect(closes).toEqual([]);
});

test('a connection that is closed while its credential is looked at acquires nothing for its viewer', async () => {
  const rights = createRights(Date.now);
  const looked = Promise.withResolvers<Viewer>();
  const connections = createConcurrencyLimit('connections', 1);
  const server = createProtocol({
    pipeline: {} as Pipeline,
    live: {} as SharedSubscriptions,
    access: { rights },
    authentication: { authenticate: () => looked.promise },
    rateLimiter: { consume: () => {} },
    connections,
    maxOperationsPerConnection: 10,
    loopTurns: createLoopTurns(),
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
    newExtra(),
  );
  const initialised = receive(JSON.stringify({ type: 'connection_init' }));
  await closed(1006, 'gone');
  looked.resolve({ ...openViewer, credential: { id: 'key-1', keyId: 'key-1', expiresAtMs: null } });
  await initialised;
  expect([...rights.keyIds]).toEqual([]);
  connections.acquire({ ...openViewer, credential: { id: 'key-1', keyId: 'key-1', expiresAtMs: null } });
});

test('W3: operations that come together on a socket begin in several turns of the event loop', async () => {
  const admitted: string[] = [];
  let nowMs = 0;
  const pipeline = {
    admit: (_viewer: Viewer, { query }: { query: string }) => {
      admitted.push(query);
      // Each begin takes half of a turn's time.
      nowMs += 3;
      return { errors: [new GraphQLError('no such document')], document: null, kind: null };
    },
  } as unknown as Pipeline;
  let receive: (text: string) => Promise<void> = async () => {};
  createProtocol({
    pipeline,
    live: {} as SharedSubscriptions,
    access: { rights: createRights(Date.now) },
    authentication: { authenticate: () => openViewer },
    rateLimiter: { consume: () => {} },
    connections: createConcurrencyLimit('connections', 1),
    maxOperationsPerConnection: 10,
    loopTurns: createLoopTurns({ now: () => nowMs }),
    mask: (error) => toClientError(error, () => {}),
  }).opened(
    {
      protocol: 'graphql-transport-ws',
      send: () => {},
      close: () => {},
      onMessage: (take) => {
        receive = take;
      },
    },
    newExtra(),
  );
  await receive(JSON.stringify({ type: 'connection_init' }));
  const ids = ['a', 'b', 'c', 'd', 'e'];
  const begun = ids.map((id) => receive(JSON.stringify({ type: 'subscribe', id, payload: { query: id } })));
  expect(admitted).toEqual(['a', 'b']);
  await Promise.all(begun);
  expect(admitted).toEqual(ids);
});
