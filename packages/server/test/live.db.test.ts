import { createClient } from 'graphql-ws';
import { beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Fleet, fleetOf, openSocket, openStream, useTestServer } from '../testing/index.ts';

const server = useTestServer();
let fleet: Fleet;
let supervisorId: string;
beforeAll(async () => {
  fleet = fleetOf(server.url, 'live');
  supervisorId = await fleet.report('agent', 'ACTIVE');
});

/** A subscription over either transport. */
interface Live {
  next<Data>(): Promise<Data>;
  close(): Promise<void>;
}

type Open = (field: string, query: string, variables?: Record<string, unknown>) => Promise<Live>;

const transports: [string, Open][] = [
  [
    'WebSocket',
    async (field, query, variables) => {
      const socket = await openSocket(server.url);
      socket.start('1', query, variables);
      return { next: () => socket.nextData('1', field), close: () => socket.close() };
    },
  ],
  [
    'SSE',
    async (field, query, variables) => {
      const stream = await openStream(server.url, query, variables);
      return { next: () => stream.nextData(field), close: async () => stream.close() };
    },
  ],
];

async function command(name: string, fields = ''): Promise<void> {
  const payload = name === 'deregister' ? 'deregisteredId' : 'supervisor { id }';
  await fleet.ask(`mutation { ${name}Supervisor(input: {supervisorId: "${supervisorId}"${fields}}) { ${payload} } }`);
}

const plugins = `subscription ($filter: PluginEventFilter, $after: Cursor) {
  pluginStateChanged(filter: $filter, after: $after) {
    cursor from to plugin { pluginId state message supervisorName supervisor { state connected } }
  }
}`;
const supervisors = `subscription ($filter: SupervisorEventFilter, $after: Cursor) {
  supervisorStateChanged(filter: $filter, after: $after) { from to actor reason supervisor { name state } }
}`;

describe.each(transports)('over %s', (_transport, open) => {
  test('supervisorStateChanged tells each change, with the supervisor as of that change', async () => {
    supervisorId = await fleet.report('changing', 'ACTIVE');
    const live = await open('supervisorStateChanged', supervisors, {
      after: await fleet.cursor(),
      filter: { to: { in: ['ENABLED', 'NONE'] } },
    });
    await command('register', ', name: "first"');
    await command('disable');
    await command('update', ', name: "second"');
    await command('enable');
    await command('deregister');
    const change = { actor: 'anonymous' };
    expect([await live.next(), await live.next(), await live.next()]).toEqual([
      {
        ...change,
        from: 'PENDING',
        to: 'ENABLED',
        reason: 'REGISTERED',
        supervisor: { name: 'first', state: 'ENABLED' },
      },
      {
        ...change,
        from: 'DISABLED',
        to: 'ENABLED',
        reason: 'ENABLED_BY_OPERATOR',
        supervisor: { name: 'second', state: 'ENABLED' },
      },
      {
        ...change,
        from: 'ENABLED',
        to: 'NONE',
        reason: 'DEREGISTERED',
        supervisor: { name: 'second', state: 'ENABLED' },
      },
    ]);
    await live.close();
  });

  test('pluginStateChanged tells what the filter accepts, and a plugin outlives its supervisor', async () => {
    supervisorId = await fleet.report('other', 'ACTIVE');
    const live = await open('pluginStateChanged', plugins, {
      after: await fleet.cursor(),
      filter: { supervisorId: { eq: supervisorId }, to: { ne: 'ACTIVE' } },
    });
    await fleet.report('agent', 'ERROR');
    await fleet.report('agent', 'ACTIVE');
    await fleet.report('other', 'ERROR', { message: 'broken' });
    await fleet.report('other', 'ACTIVE');
    await command('deregister');
    expect(await live.next()).toMatchObject({
      from: 'ACTIVE',
      to: 'ERROR',
      plugin: { state: 'ERROR', message: 'broken' },
    });
    expect(await live.next()).toMatchObject({
      from: 'ACTIVE',
      to: 'NONE',
      plugin: { state: 'ACTIVE', supervisorName: 'other', supervisor: { state: 'PENDING', connected: false } },
    });
    await live.close();
  });

  test('what is committed once the subscription is there is lost nowhere (trap: between subscribe and the first next)', async () => {
    const live = await open('pluginStateChanged', plugins);
    // Whether the first of these came before the subscription, nobody can say; from the first that it saw on, it sees all.
    for (let i = 0; i < 20; i++) await fleet.report('agent', i % 2 === 0 ? 'ERROR' : 'ACTIVE');
    const first = await live.next<{ cursor: string }>();
    const { events } = await fleet.ask<{ events: { nodes: { cursor: string }[] } }>(
      `query ($after: String) { events(first: 100, after: $after, filter: {kind: {eq: PLUGIN_STATE_CHANGED}}) { nodes { cursor } } }`,
      { after: first.cursor },
    );
    expect(events.nodes.length).toBeGreaterThan(0);
    const seen: string[] = [];
    for (let i = 0; i < events.nodes.length; i++) seen.push((await live.next<{ cursor: string }>()).cursor);
    expect(seen).toEqual(events.nodes.map(({ cursor }) => cursor));
    await live.close();
  });

  test('E3: whoever resumes at the last cursor, whenever it left, sees every change exactly once', async () => {
    const start = await fleet.cursor();
    const seen: string[] = [];
    for (let round = 0; round < 5; round++) {
      const live = await open('pluginStateChanged', plugins, { after: seen.at(-1) ?? start });
      // Some of these are history to the next round, some come while it listens.
      for (let i = 0; i < 4; i++) await fleet.report('agent', i % 2 === 0 ? 'ERROR' : 'ACTIVE');
      for (let i = 0; i < 3; i++) seen.push((await live.next<{ cursor: string }>()).cursor);
      await live.close();
    }
    const { events } = await fleet.ask<{ events: { nodes: { cursor: string }[] } }>(
      `query ($after: String) { events(first: 15, after: $after) { nodes { cursor } } }`,
      { after: start },
    );
    expect(seen).toEqual(events.nodes.map(({ cursor }) => cursor));
  });
});

test("graphql-ws's own client runs queries, mutations and a subscription over one socket", async () => {
  const client = createClient({
    url: `${server.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
  });
  const changes = client.iterate({ query: plugins, variables: { after: await fleet.cursor() } });
  const run = (query: string) => client.iterate({ query }).next();
  expect(await run('{ viewer { role } }')).toMatchObject({ value: { data: { viewer: { role: 'ADMIN' } } } });
  const report = `mutation { publishSupervisor(input: {domainId: "live", name: "agent", hostname: "agent",
    plugins: [{pluginId: "collector", version: "1.0", state: ERROR}]}) { rejected { index } } }`;
  const first = changes.next();
  expect(await run(report)).toMatchObject({ value: { data: { publishSupervisor: { rejected: [] } } } });
  expect(await first).toMatchObject({ value: { data: { pluginStateChanged: { to: 'ERROR' } } } });
  await changes.return?.(undefined);
  await client.dispose();
  await fleet.report('agent', 'ACTIVE');
});

test('a subscription that its client has completed sends nothing more, and its socket goes on', async () => {
  const socket = await openSocket(server.url);
  socket.start('ended', plugins, { after: await fleet.cursor() });
  socket.start('kept', plugins, { after: await fleet.cursor() });
  await fleet.report('agent', 'ERROR');
  expect([(await socket.next()).id, (await socket.next()).id].sort()).toEqual(['ended', 'kept']);
  socket.send({ id: 'ended', type: 'complete' });
  // Answered after the completion was taken.
  socket.send({ type: 'ping' });
  expect(await socket.next()).toEqual({ type: 'pong' });
  await fleet.report('agent', 'ACTIVE');
  await fleet.report('agent', 'ERROR');
  expect([(await socket.next()).id, (await socket.next()).id]).toEqual(['kept', 'kept']);
  await fleet.report('agent', 'ACTIVE');
  await socket.close();
});
