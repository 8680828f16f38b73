import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { beforeAll, expect, test, vi } from 'vitest';
import { type Fleet, fleetOf, openSocket, useTestServer } from '../testing/index.ts';

const bufferEvents = 40;
/** Enough, at 300 KiB each, to fill what the system keeps for a connection many times over, and the buffer. */
const manyChanges = 150;

const server = useTestServer({ env: { MUSTER_SUBSCRIPTION_BUFFER_EVENTS: String(bufferEvents) } });
let fleet: Fleet;
let supervisorId: string;
let enabled = true;

beforeAll(async () => {
  fleet = fleetOf(server.url, 'slow');
  supervisorId = await fleet.report('agent', 'ACTIVE');
  await fleet.ask(
    `mutation ($id: ID!, $labels: JSONObject) { registerSupervisor(input: {supervisorId: $id, labels: $labels}) { supervisor { id } } }`,
    { id: supervisorId, labels: { text: 'x'.repeat(15_000) } },
  );
});

interface Change {
  cursor: string;
  to: string;
}

const small = 'subscription ($after: Cursor) { supervisorStateChanged(after: $after) { cursor to } }';
const large = `subscription ($after: Cursor) { supervisorStateChanged(after: $after) { cursor to ${Array.from(
  { length: 20 },
  (_, i) => `s${i}: supervisor { labels }`,
).join(' ')} } }`;

async function change(): Promise<void> {
  const command = enabled ? 'disableSupervisor' : 'enableSupervisor';
  enabled = !enabled;
  await fleet.ask(`mutation ($id: ID!) { ${command}(input: {supervisorId: $id}) { supervisor { id } } }`, {
    id: supervisorId,
  });
}

/** Makes changes that a reader who keeps up receives one by one; returns all that it received. */
async function changeManyWhileOneReads(after: string): Promise<string[]> {
  const reader = await openSocket(server.url);
  reader.start('1', small, { after });
  const cursors: string[] = [];
  for (let made = 0; made < manyChanges; made++) {
    await change();
    cursors.push((await reader.nextData<Change>('1', 'supervisorStateChanged')).cursor);
  }
  await reader.close();
  return cursors;
}

interface SlowConsumer {
  extensions: { code: string; lastCursor: string };
}

async function expectResumes(lastCursor: string, expected: string[]): Promise<void> {
  const socket = await openSocket(server.url);
  socket.start('1', small, { after: lastCursor });
  const received: string[] = [];
  for (let i = 0; i < expected.length; i++) {
    received.push((await socket.nextData<Change>('1', 'supervisorStateChanged')).cursor);
  }
  expect(received).toEqual(expected);
  await socket.close();
}

test('E5: a WebSocket that is not read ends that subscription with SLOW_CONSUMER and its last cursor; nobody else notices', async () => {
  const after = await fleet.cursor();
  const slow = await openSocket(server.url);
  slow.start('1', large, { after });
  slow.webSocket.pause();
  const all = await changeManyWhileOneReads(after);

  slow.webSocket.resume();
  const received: string[] = [];
  let message = await slow.next('1');
  for (; message.type === 'next'; message = await slow.next('1')) {
    received.push((message.payload as { data: { supervisorStateChanged: Change } }).data.supervisorStateChanged.cursor);
  }
  expect(message).toMatchObject({ type: 'error', payload: [{ extensions: { code: 'SLOW_CONSUMER' } }] });
  // It received the first of all events, and can still read the others.
  expect(received).toEqual(all.slice(0, received.length));
  expect(received.length).toBeLessThan(all.length);
  const { lastCursor } = (message.payload as [SlowConsumer])[0].extensions;
  expect(lastCursor).toBe(received.at(-1));
  await expectResumes(lastCursor, all.slice(received.length));

  // It was the subscription that ended, not the socket.
  slow.start('2', '{ viewer { role } }');
  expect(await slow.nextData('2', 'viewer')).toEqual({ role: 'ADMIN' });
  await slow.close();
});

test('E5: an SSE stream that is not read ends with SLOW_CONSUMER and its last cursor; nobody else notices', async () => {
  const after = await fleet.cursor();
  const stream = await openUnread(large, { after });
  const all = await changeManyWhileOneReads(after);

  const text = await readAll(stream);
  const events = text.split('\n\n').filter((part) => part.startsWith('event: next'));
  const payloads = events.map((event) => JSON.parse(event.slice(event.indexOf('data:') + 5)));
  const { errors } = payloads.pop() as { errors: [SlowConsumer] };
  const received = payloads.map(({ data }) => data.supervisorStateChanged.cursor);
  expect(errors).toMatchObject([{ extensions: { code: 'SLOW_CONSUMER' } }]);
  expect(text.trimEnd()).toMatch(/event: complete\ndata:$/);
  expect(received).toEqual(all.slice(0, received.length));
  expect(received.length).toBeLessThan(all.length);
  expect(errors[0].extensions.lastCursor).toBe(received.at(-1));
  await expectResumes(errors[0].extensions.lastCursor, all.slice(received.length));
});

test('peers that read nothing and answer nothing do not hold a stop until their own time-outs', async () => {
  const after = await fleet.cursor();
  const slow = await openSocket(server.url);
  slow.start('1', large, { after });
  slow.webSocket.pause();
  const stream = await openUnread(large, { after });
  for (let made = 0; made < bufferEvents; made++) await change();

  // The library's own time-out for a peer's goodbye is 30 s: here no such time-out ever passes.
  const start = setTimeout;
  const timers = vi.spyOn(globalThis, 'setTimeout');
  timers.mockImplementation(((run: () => void, ms = 0) => start(run, ms < 30_000 ? ms : 2 ** 31 - 1)) as typeof start);
  await server.stop();
  timers.mockRestore();
  stream.destroy();
  slow.webSocket.terminate();
  expect(server.logged.filter(({ level }) => level >= 50)).toEqual([]);
});

/** An SSE stream of which nothing is read until somebody does. */
async function openUnread(query: string, variables: Record<string, unknown>): Promise<IncomingMessage> {
  const asked = request(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
  });
  asked.end(JSON.stringify({ query, variables }));
  const [response] = await once(asked, 'response');
  response.on('error', () => {});
  return response;
}

async function readAll(stream: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of stream.setEncoding('utf8')) text += chunk;
  return text;
}
