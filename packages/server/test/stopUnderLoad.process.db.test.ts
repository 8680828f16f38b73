import { connect as connectHttp2 } from 'node:http2';
import { openCore, publishSupervisor, type Viewer } from '@muster/core';
import { openDatabase } from '@muster/db';
import { testDatabaseKind } from '@muster/db/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { type Flood, startFlood } from '../testing/flood.ts';
import {
  createStorage,
  openReflectionClient,
  openSocket,
  openStream,
  refusalCode,
  spawnServer,
  type TestStorage,
} from '../testing/index.ts';
import { createKeys } from '../testing/keys.ts';
import { largeQuery, longText, metricOf, openRaw, rawPost } from '../testing/unread.ts';

const root: Viewer = { subject: 'root', role: 'ADMIN', domainId: null };
const service = 'spaceone.api.plugin.v1.Supervisor';
const domains = ['reads', 'watches', 'unread', 'waits'] as const;
const publish = 'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { nextPublishInMs } }';
const watch = 'subscription { watchSupervisors { type supervisor { hostname labels } } }';

let storage: TestStorage;
let tokens: Record<(typeof domains)[number] | 'agents', string>;
beforeAll(async () => {
  storage = await createStorage();
  const db = await storage.open();
  const { core, close } = await openCore(db, { sweeps: false });
  for (let i = 0; i < 100; i++) {
    for (const domainId of ['reads', 'watches', 'waits']) {
      await publishSupervisor(core, root, { domainId, name: `agent-${i}`, hostname: `agent-${i}`, labels: { i } });
    }
    const labels = { text: longText };
    await publishSupervisor(core, root, { domainId: 'unread', name: `agent-${i}`, hostname: `agent-${i}`, labels });
  }
  await close();
  const made = await createKeys(db, [
    ...domains.map((domainId) => ({ domainId, role: 'OPERATOR' as const })),
    { domainId: 'watches', role: 'SUPERVISOR' },
  ]);
  await db.close();
  const [reads = '', watches = '', unread = '', waits = '', agents = ''] = made;
  tokens = { reads, watches, unread, waits, agents };
});
afterAll(() => storage.remove());

const bearer = (of: keyof typeof tokens) => ({ authorization: `Bearer ${tokens[of]}` });

/** Holds the rows of a domain until the test's end, from another process than the server's; returns their ids. */
async function holdSupervisors(domainId: string): Promise<string[]> {
  const other = await openDatabase({ url: storage.env.DATABASE_URL });
  const held = Promise.withResolvers<string[]>();
  const over = Promise.withResolvers<void>();
  const holding = other.transaction(async (sql) => {
    const rows = await sql.query<{ id: string }>('SELECT id FROM supervisors WHERE domain_id = $1 FOR UPDATE', [
      domainId,
    ]);
    held.resolve(rows.map(({ id }) => id));
    await over.promise;
  });
  onTestFinished(async () => {
    over.resolve();
    await holding;
    await other.close();
  });
  return held.promise;
}

/** Those who watch: over WebSocket, and over SSE both ways. */
async function startWatchers(url: string) {
  const sockets = await Promise.all(Array.from({ length: 30 }, () => openSocket(url, { params: bearer('watches') })));
  for (const socket of sockets) for (const id of ['1', '2']) socket.start(id, watch);
  const streams = await Promise.all(
    Array.from({ length: 20 }, (_, i) => openStream(url, watch, {}, bearer('watches'), i % 2 ? 'GET' : 'POST')),
  );
  for (const socket of sockets) await socket.nextData('2', 'watchSupervisors');
  for (const stream of streams) await stream.nextData('watchSupervisors');
  return { sockets, streams };
}

/** Connections over HTTP that send some bytes, and read nothing. */
function startDeafClients(url: string): void {
  const sent = [
    rawPost(largeQuery, bearer('unread')).repeat(40),
    rawPost(watch, { accept: 'text/event-stream', ...bearer('unread') }),
    // A body, and a head, that don't end; and nothing at all.
    rawPost(largeQuery, bearer('unread')).slice(0, -10),
    'POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\n',
    '',
  ];
  for (const bytes of sent.flatMap((each) => Array<string>(4).fill(each))) {
    const socket = openRaw({ url });
    socket.write(bytes);
    onTestFinished(() => void socket.destroy());
  }
}

async function startDeafSockets(url: string): Promise<void> {
  for (let i = 0; i < 5; i++) {
    const { webSocket, start } = await openSocket(url, { params: bearer('unread') });
    onTestFinished(() => webSocket.terminate());
    webSocket.pause();
    for (let id = 0; id < 40; id++) start(`${id}`, largeQuery);
  }
}

function startDeafCalls(grpcAddress: string): void {
  const session = connectHttp2(`http://${grpcAddress}`);
  session.on('error', () => {});
  onTestFinished(() => session.destroy());
  const path = `/${service}/list`;
  const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
  for (let i = 0; i < 10; i++) {
    const call = session.request({ ...headers, token: tokens.unread });
    call.on('error', () => {});
    call.end(Buffer.alloc(5));
    call.pause();
  }
}

/** Those whose statements last until the test's end, over WebSocket, HTTP and gRPC; the answers over the last two. */
async function startLongStatements(url: string, grpcAddress: string): Promise<Promise<unknown>[]> {
  const [supervisor_id] = await holdSupervisors('waits');
  const agent = await openReflectionClient(grpcAddress);
  onTestFinished(() => agent.close());
  const socket = await openSocket(url, { params: bearer('waits') });
  const change = `mutation { registerSupervisor(input: {supervisorId: "${supervisor_id}"}) { supervisor { id } } }`;
  const headers = { 'content-type': 'application/json', ...bearer('waits') };
  const answers: Promise<unknown>[] = [];
  for (let i = 0; i < 4; i++) {
    const asked = fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query: change }) });
    answers.push(asked.then(async (reply) => (await reply.json()).errors[0].extensions.code).catch(String));
    const called = agent.call(service, 'register', { supervisor_id }, { metadata: { token: tokens.waits } });
    answers.push(called.catch(refusalCode));
    socket.start(`${i}`, change);
  }
  await expect.poll(() => metricOf({ url }, 'muster_operations_running')).toBe(12);
  return answers;
}

/** Those who never stop asking, and changing. */
function startFloods(url: string): Flood[] {
  let n = 0;
  const change = () => {
    n += 1;
    const input = { name: 'agent-1', hostname: `agent-${n % 100}`, labels: { n } };
    return { query: publish, variables: { input } };
  };
  const read = { query: '{ supervisors(first: 100) { nodes { id labels } } }' };
  return [startFlood(url, bearer('reads'), 16, () => read), startFlood(url, bearer('agents'), 8, change)];
}

test('W3: SIGTERM ends a server under any load within its time, with 0: watchers are told, and answers come whole', async () => {
  const plenty = '1000000000';
  const server = await spawnServer({
    ...storage.env,
    MUSTER_POINTS_PER_SECOND: plenty,
    MUSTER_POINTS_PER_MINUTE: plenty,
    MUSTER_OPERATION_TIMEOUT_SECONDS: '60',
    MUSTER_UNREAD_TIMEOUT_SECONDS: '600',
  });
  onTestFinished(async () => {
    server.kill('SIGKILL');
    await server.ended;
  });
  const { url } = server;
  const [, grpcAddress = ''] = /gRPC answers at ([^;]+);/.exec(server.output()) ?? [];
  const { sockets, streams } = await startWatchers(url);
  startDeafClients(url);
  await startDeafSockets(url);
  startDeafCalls(grpcAddress);
  await expect.poll(() => metricOf({ url }, 'muster_unsent_bytes')).toBeGreaterThan(1_000_000);
  // The embedded database is open in one process alone.
  const long = testDatabaseKind() === 'postgresql' ? await startLongStatements(url, grpcAddress) : [];
  const floods = startFloods(url);
  const busy = () => floods.every(({ outcomes }) => (outcomes.answered.get(200) ?? 0) > 200);
  await expect.poll(busy).toBe(true);

  server.kill('SIGTERM');
  const end = await server.ended;
  expect(end).toMatchObject({ code: 0, signal: null, errors: '' });
  expect(end.output).toContain('stopped');
  expect(end.output).not.toContain('could not be closed');

  for (const socket of sockets) expect(await socket.closed).toEqual({ code: 1001, reason: 'Going away' });
  expect(await Promise.all(streams.map(({ ended }) => ended))).toEqual(streams.map(() => true));
  expect(await Promise.all(long)).toEqual(long.map(() => 'UNAVAILABLE'));
  await Promise.all(floods.map(({ ended }) => ended));
  for (const { outcomes } of floods) expect(outcomes).toMatchObject({ broken: 0 });
});
