import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiKey, openCore, type Role, type Viewer } from '@muster/core';
import { openTestDatabase } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Of } from '../src/graphql/persistedOperations.ts';
import { openSocket, startTestServer, type TestServer } from '../testing/index.ts';
import type { TestServerOptions } from '../testing/testServer.ts';

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };
const viewer = 'query Me($unused: Boolean = true) { viewer { role @include(if: $unused) } }';
const watch = 'subscription { watchPlugins { type } }';
const ids = { viewer: sha256Of(viewer), watch: 'watch-plugins' };

/** A server with those two listed, and a key of each role. */
async function start(env: TestServerOptions['env'] = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'muster-persisted-'));
  const file = join(folder, 'operations.json');
  writeFileSync(file, JSON.stringify({ [ids.viewer]: viewer, [ids.watch]: watch }));
  const db = await openTestDatabase();
  const makers = await openCore(db, { sweeps: false });
  const tokens = new Map<Role, string>();
  for (const role of ['VIEWER', 'ADMIN'] as const) {
    const domainId = role === 'ADMIN' ? null : 'tenant';
    tokens.set(role, (await createApiKey(makers.core, root, { name: role, role, domainId })).token);
  }
  await makers.close();
  const server = await startTestServer({ db, env: { MUSTER_PERSISTED_OPERATIONS: file, ...env } });
  const stop = async () => {
    await server.stop();
    rmSync(folder, { recursive: true });
  };
  return { server, stop, bearer: (role: Role = 'VIEWER') => ({ authorization: `Bearer ${tokens.get(role)}` }) };
}

type Asked = Readonly<Record<string, unknown>>;

/** The ways over HTTP to send parameters, and how the result comes. */
const fronts: Record<string, (server: TestServer, headers: Record<string, string>, asked: Asked) => Promise<unknown>> =
  {
    POST: (server, headers, asked) => post(server, { ...headers, accept: 'application/json' }, asked),
    'POST, as yoga answers it': (server, headers, asked) =>
      post(server, { ...headers, accept: 'application/json;charset=utf-8' }, asked),
    GET: async (server, headers, asked) => {
      const search = new URLSearchParams(
        Object.entries(asked).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
      );
      return (await fetch(`${server.url}/graphql?${search}`, { headers })).json();
    },
    'server-sent events': async (server, headers, asked) => {
      const text = await postText(server, { ...headers, accept: 'text/event-stream' }, asked);
      return JSON.parse(/^data: (.+)$/m.exec(text)?.[1] ?? 'null');
    },
    WebSocket: async (server, headers, asked) => {
      const socket = await openSocket(server.url, { params: headers });
      // The protocol asks for a text, which may be empty.
      socket.send({ id: '1', type: 'subscribe', payload: { query: '', ...asked } });
      const { type, payload } = await socket.next('1');
      await socket.close();
      return type === 'error' ? { errors: payload } : payload;
    },
  };

async function postText(server: TestServer, headers: Record<string, string>, asked: Asked): Promise<string> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
  return (await fetch(`${server.url}/graphql`, { ...init, body: JSON.stringify(asked) })).text();
}

async function post(server: TestServer, headers: Record<string, string>, asked: Asked): Promise<unknown> {
  return JSON.parse(await postText(server, headers, asked));
}

const automatic = (sha256Hash: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash } } });

describe('listed operations are preferred', () => {
  let { server, stop, bearer } = {} as Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    ({ server, stop, bearer } = await start());
  });
  afterAll(() => stop());

  test.each(Object.keys(fronts))(
    'by %s: an operation is found by either kind of id, with its variables',
    async (front) => {
      for (const id of [{ documentId: ids.viewer }, { documentId: `sha256:${ids.viewer}` }, automatic(ids.viewer)]) {
        expect(await fronts[front]?.(server, bearer(), id)).toEqual({ data: { viewer: { role: 'VIEWER' } } });
        expect(await fronts[front]?.(server, bearer(), { ...id, variables: { unused: false } })).toEqual({
          data: { viewer: {} },
        });
      }
    },
  );

  test.each(['server-sent events', 'WebSocket'])('by %s: a subscription', async (front) => {
    if (front === 'WebSocket') {
      expect(await fronts[front]?.(server, bearer(), { documentId: ids.watch })).toEqual({
        data: { watchPlugins: { type: 'SYNCED' } },
      });
      return;
    }
    const cut = new AbortController();
    const response = await fetch(`${server.url}/graphql?documentId=${ids.watch}`, {
      headers: { ...bearer(), accept: 'text/event-stream' },
      signal: cut.signal,
    });
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      if (text.includes('SYNCED')) break;
    }
    cut.abort();
    expect(text).toContain('"data":{"watchPlugins":{"type":"SYNCED"}}');
  });

  test.each(Object.keys(fronts))(
    'by %s: other documents are taken, and an unknown hash is answered so that clients fall back',
    async (front) => {
      expect(await fronts[front]?.(server, bearer(), { query: '{ __typename }' })).toEqual({
        data: { __typename: 'Query' },
      });
      expect(await fronts[front]?.(server, bearer(), automatic(sha256Of('{ a }')))).toMatchObject({
        errors: [{ message: 'PersistedQueryNotSupported', extensions: { code: 'BAD_USER_INPUT' } }],
      });
      expect(await fronts[front]?.(server, bearer(), { documentId: 'nothing' })).toMatchObject({
        errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
      });
    },
  );

  test('the fallback comes with status 200 as application/json, and 400 as application/graphql-response+json', async () => {
    const statuses = ['application/json', 'application/graphql-response+json'].map(async (accept) => {
      const headers = { 'content-type': 'application/json', accept, ...bearer() };
      const body = JSON.stringify(automatic(sha256Of('{ a }')));
      return (await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })).status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 400]);
  });
});

describe('listed operations are required', () => {
  let { server, stop, bearer } = {} as Awaited<ReturnType<typeof start>>;
  beforeAll(async () => {
    ({ server, stop, bearer } = await start({ MUSTER_PERSISTED_OPERATIONS_MODE: 'require', MUSTER_APQ: 'true' }));
  });
  afterAll(() => stop());

  test.each(Object.keys(fronts))('by %s: others are taken from an ADMIN alone', async (front) => {
    const ask = (role: Role, asked: Asked) => fronts[front]?.(server, bearer(role), asked);
    const query = `{ __typename } # ${front}`;
    expect(await ask('VIEWER', { documentId: ids.viewer })).toEqual({ data: { viewer: { role: 'VIEWER' } } });
    for (const asked of [{ query }, { query, ...automatic(sha256Of(query)) }, { query, documentId: 'nothing' }]) {
      expect(await ask('VIEWER', asked)).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
      expect(await ask('ADMIN', asked)).toEqual({ data: { __typename: 'Query' } });
    }
    // An ADMIN's document is kept, for an ADMIN.
    expect(await ask('VIEWER', automatic(sha256Of(query)))).toMatchObject({
      errors: [{ extensions: { code: 'FORBIDDEN' } }],
    });
    expect(await ask('ADMIN', automatic(sha256Of(query)))).toEqual({ data: { __typename: 'Query' } });
  });
});

test('automatic persisted queries, where they are on, are kept by every front and found by every other', async () => {
  const { server, stop, bearer } = await start({ MUSTER_APQ: 'true' });
  for (const [front, through] of Object.entries(fronts)) {
    const query = `{ __typename } # ${front}`;
    const hash = automatic(sha256Of(query));
    expect(await through(server, bearer(), hash)).toMatchObject({ errors: [{ message: 'PersistedQueryNotFound' }] });
    expect(await through(server, bearer(), { query, ...hash })).toEqual({ data: { __typename: 'Query' } });
    for (const other of Object.values(fronts)) {
      expect(await other(server, bearer(), hash)).toEqual({ data: { __typename: 'Query' } });
    }
  }
  await stop();
});
