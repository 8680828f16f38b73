import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { MemoryEngine } from '../testing/memoryEngine.ts';
import { startAgent, stateFolder } from '../testing/startAgent.ts';

const releasers: (() => unknown)[] = [];
afterEach(async () => {
  for (const release of releasers.splice(0).reverse()) await release();
});

/** An answer that is no whole list. */
type Fault = (response: ServerResponse, form: 'stream' | 'answer', field: string) => void;

const refusal =
  (code: string): Fault =>
  (response, _form, field) =>
    send(response, { data: { [field]: null }, errors: [{ message: 'no', path: [field], extensions: { code } }] });

function send(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The answer to a report that is taken. */
const taken = {
  data: {
    publishSupervisor: {
      supervisor: { id: 'supervisor-1', state: 'ENABLED' },
      rejected: [],
      token: null,
      nextPublishInMs: 20,
    },
  },
};

const faults: readonly (readonly [string, Fault])[] = [
  ['UNAUTHENTICATED', refusal('UNAUTHENTICATED')],
  ['FORBIDDEN', refusal('FORBIDDEN')],
  ['NOT_FOUND', refusal('NOT_FOUND')],
  ['500', (response) => response.writeHead(500).end('<html>Internal server error</html>')],
  [
    'half a body',
    (response, form, field) => {
      response.writeHead(200, { 'content-type': form === 'stream' ? 'text/event-stream' : 'application/json' });
      const half =
        form === 'stream' ? `event: next\ndata: {"data":{"${field}":{"assignments":[]` : `{"data":{"${field}":[]`;
      response.write(half, () => response.destroy());
    },
  ],
  [
    'an empty list with an error',
    (response, form, field) => {
      const list = form === 'stream' ? { cursor: '1', assignments: [] } : [];
      const answer = { data: { [field]: list }, errors: [{ message: 'half', extensions: { code: 'INTERNAL' } }] };
      if (form === 'answer') return send(response, answer);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(`event: next\ndata: ${JSON.stringify(answer)}\n\n`);
      response.end('event: complete\ndata:\n\n');
    },
  ],
  [
    'a list that can not be read',
    (response, form, field) => {
      const list = [
        { domainId: 'acme', pluginId: 'a', version: '1.0', generation: 'first', state: 'ACTIVE', spec: null },
      ];
      if (form === 'answer') {
        if (field === 'assignments') return send(response, { data: { assignments: list } });
        return send(response, taken);
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(
        `event: next\ndata: ${JSON.stringify({ data: { [field]: { cursor: '1', assignments: list } } })}\n\n`,
      );
      response.end('event: complete\ndata:\n\n');
    },
  ],
];

/** A server that gives the list, or a fault in place of everything. */
async function startServer() {
  const state = { plugins: ['a', 'b', 'c'], fault: undefined as Fault | undefined, faults: { publish: 0, list: 0 } };
  const assignments = () =>
    state.plugins.map((pluginId) => ({
      domainId: 'acme',
      pluginId,
      version: '1.0',
      generation: 1,
      state: 'ACTIVE',
      spec: null,
    }));
  const streams = new Set<ServerResponse>();
  const kindOf = (query: string) => {
    if (query.includes('publishSupervisor(')) return 'publishSupervisor';
    return query.includes('subscription') ? 'watchAssignments' : 'assignments';
  };
  const server = createServer(async (request, response) => {
    const { query } = (await json(request)) as { query: string };
    const field = kindOf(query);
    if (state.fault) {
      state.faults[field === 'publishSupervisor' ? 'publish' : 'list'] += 1;
      return state.fault(response, field === 'watchAssignments' ? 'stream' : 'answer', field);
    }
    const answers = {
      publishSupervisor: () => send(response, taken),
      assignments: () => send(response, { data: { assignments: assignments() } }),
      watchAssignments: () => {
        streams.add(response);
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        const data = { watchAssignments: { cursor: '1', assignments: assignments() } };
        response.write(`event: next\ndata: ${JSON.stringify({ data })}\n\n`);
      },
    };
    return answers[field]();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  releasers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`,
    state,
    /** Answers so from now on, and breaks what is open. */
    turn: (change: Partial<typeof state>) => {
      Object.assign(state, change);
      for (const stream of streams) stream.destroy();
    },
  };
}

describe.each(faults)('a server that answers %s (G6, acceptance 3)', (_, fault) => {
  it('stops no plugin, and what it says later counts again', async () => {
    const server = await startServer();
    const engine = new MemoryEngine();
    const { path: folder, remove } = stateFolder();
    releasers.push(remove);
    const agent = await startAgent({ engine, url: server.url, folder });
    releasers.push(() => agent.close());
    await expect.poll(() => engine.count('start')).toBe(3);

    server.turn({ fault });
    await expect.poll(() => Math.min(server.state.faults.publish, server.state.faults.list)).toBeGreaterThan(3);
    const [thing] = engine.of('a');
    if (thing) engine.end(thing, 1);
    await expect.poll(() => thing?.status).toBe('RUNNING');

    server.turn({ fault: undefined, plugins: ['a', 'b', 'c', 'd'] });
    await expect.poll(() => engine.of('d').length).toBe(1);
    expect(engine.count('stop')).toBe(0);
    expect(engine.things.size).toBe(4);
  });
});
