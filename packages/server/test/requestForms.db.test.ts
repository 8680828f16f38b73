import { describe, expect, test } from 'vitest';
import { openSocket, useTestServer } from '../testing/index.ts';

const server = useTestServer({ env: { MUSTER_BASE_PATH: '/below' } });

const json = { 'content-type': 'application/json' };
const watch = 'subscription { watchPlugins(domainId: "forms") { type } }';

/** Each way by which GraphQL comes: its answer to a query, or the first event of a watch. */
const ways: Record<string, (url: string, parameters: { query: string; operationName: string }) => Promise<unknown>> = {
  POST: async (url, parameters) => {
    const response = await fetch(`${url}`, { method: 'POST', headers: json, body: JSON.stringify(parameters) });
    return ((await response.json()) as { data?: unknown }).data;
  },
  'POST by yoga': async (url, parameters) => {
    const headers = { ...json, accept: 'application/json;charset=utf-8' };
    const response = await fetch(`${url}`, { method: 'POST', headers, body: JSON.stringify(parameters) });
    return ((await response.json()) as { data?: unknown }).data;
  },
  GET: async (url, parameters) => {
    const response = await fetch(`${url}?${new URLSearchParams(parameters)}`);
    return ((await response.json()) as { data?: unknown }).data;
  },
};

const paths = ['/graphql', '/graphql/', '/below/graphql', '/below/graphql/'];
const operation = { query: '{ viewer { role } }', operationName: '' };

describe.each(Object.keys(ways))('%s', (way) => {
  test.each(paths)('is answered at %s, with an empty name for none', async (path) => {
    expect(await ways[way]?.(`${server.url}${path}`, operation)).toEqual({ viewer: { role: 'ADMIN' } });
  });
});

test.each(paths)('a WebSocket and an event stream are opened at %s, and take an empty name for none', async (path) => {
  const below = `${server.url}${path}`.replace(/\/graphql\/?$/, '');
  const last = path.endsWith('/') ? '/' : '';
  const socket = await openSocket(below, { last });
  const payload = { query: watch, operationName: '' };
  socket.send({ id: '1', type: 'subscribe', payload });
  expect((await socket.nextData<{ type: string }>('1', 'watchPlugins')).type).toBe('SYNCED');
  socket.send({ id: '2', type: 'subscribe', payload: operation });
  expect(await socket.next('2')).toMatchObject({ type: 'next', payload: { data: { viewer: { role: 'ADMIN' } } } });
  await socket.close();
  const headers = { ...json, accept: 'text/event-stream' };
  const search = `?${new URLSearchParams(payload)}`;
  for (const response of [
    await fetch(`${server.url}${path}`, { method: 'POST', headers, body: JSON.stringify(payload) }),
    await fetch(`${server.url}${path}${search}`, { headers: { accept: 'text/event-stream' } }),
  ]) {
    let text = '';
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk;
      if (text.includes('SYNCED')) break;
    }
    expect(text).toContain('event: next');
  }
});

test('a refusal of variables under an empty name has its path', async () => {
  const query = 'query ($f: SupervisorFilter) { supervisors(filter: $f) { totalCount } }';
  const body = JSON.stringify({ query, operationName: '', variables: { f: { name: { eq: 5 } } } });
  const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers: json, body });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ errors: [{ extensions: { path: ['f', 'name', 'eq'] } }] });
});
