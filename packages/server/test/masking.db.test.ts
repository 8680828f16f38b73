import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Fleet,
  fleetOf,
  graphql,
  openSocket,
  openStream,
  type TestSocket,
  useTestServer,
} from '../testing/index.ts';

/** Trap: each path on which an error can reach a client has to mask it. Real errors: parts of the database are gone. */
const server = useTestServer();
let fleet: Fleet;
let supervisorId: string;

beforeAll(async () => {
  fleet = fleetOf(server.url, 'masking');
  supervisorId = await fleet.report('agent', 'ACTIVE');
  await command('registerSupervisor');
});

const internal = {
  message: expect.stringMatching(/^an internal error; it was logged as [0-9a-f-]{36}$/),
  extensions: { code: 'INTERNAL_SERVER_ERROR', errorId: expect.any(String) },
};

const plugins = '{ supervisors { nodes { plugins { totalCount } } } }';
const resumed = 'subscription ($after: Cursor) { pluginStateChanged(after: $after) { to } }';
const pluginsOfChanges = `subscription ($after: Cursor) {
  supervisorStateChanged(after: $after) { to supervisor { plugins { totalCount } } }
}`;

/** Each hides something from the server, so that a statement fails on a name that must not become known. */
const faults = {
  /** `plugins` of a supervisor fails. */
  plugins: ['ALTER TABLE plugins RENAME TO plugins_away', 'ALTER TABLE plugins_away RENAME TO plugins'],
  /** A subscription with `after` fails before it begins. */
  start: ['ALTER TABLE event_log RENAME TO event_log_away', 'ALTER TABLE event_log_away RENAME TO event_log'],
  /** A subscription with `after` begins, and fails when it reads history. */
  history: [
    `DO $$ BEGIN
       ALTER TABLE events RENAME TO events_away;
       CREATE VIEW events AS SELECT *, 1 / (seq - seq) AS quotient FROM events_away;
     END $$`,
    'DO $$ BEGIN DROP VIEW events; ALTER TABLE events_away RENAME TO events; END $$',
  ],
} as const;

async function during<Result>(fault: keyof typeof faults, work: () => Promise<Result>): Promise<Result> {
  const [breaks, mends] = faults[fault];
  await server.db.sql.query(breaks);
  try {
    return await work();
  } finally {
    await server.db.sql.query(mends);
  }
}

/** Checks that the cause was logged once, under the id in the reply, and that the reply shows nothing of it. */
function expectLogged(reply: unknown, cause: RegExp): void {
  const text = JSON.stringify(reply);
  const [, errorId] = /"errorId":"([^"]+)"/.exec(text) ?? [];
  const lines = server.logged.filter((line) => line.errorId === errorId);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: 50, msg: 'an operation failed' });
  expect(`${lines[0]?.err?.message} ${lines[0]?.err?.stack}`).toMatch(cause);
  expect(text).not.toMatch(/plugins_|event_log|zero|column "|relation|does not exist|SELECT|stack|\.ts/);
}

async function command(name: string): Promise<void> {
  await fleet.ask(`mutation ($id: ID!) { ${name}(input: {supervisorId: $id}) { supervisor { id } } }`, {
    id: supervisorId,
  });
}

/** While a table is away operations fail; the row can still be changed, and the event is written all the same. */
async function disableInDatabase(): Promise<void> {
  await server.db.sql.query(`UPDATE supervisors SET state = 'DISABLED' WHERE id = $1`, [supervisorId]);
}

describe("an internal error's text never reaches a client, and is logged with an id", () => {
  test('over HTTP', async () => {
    const reply = await during('plugins', () => graphql(server.url, plugins));
    expect(reply).toMatchObject({
      data: { supervisors: null },
      errors: [{ ...internal, path: ['supervisors'] }],
    });
    expectLogged(reply, /relation "plugins"/);
  });

  test('in a query over WebSocket', async () => {
    const socket = await openSocket(server.url);
    const [result, end] = await during('plugins', async () => {
      socket.start('1', plugins);
      return [await socket.next('1'), await socket.next('1')] as const;
    });
    expect(result).toMatchObject({ type: 'next', payload: { data: { supervisors: null }, errors: [internal] } });
    expect(end).toEqual({ id: '1', type: 'complete' });
    expectLogged(result, /relation "plugins"/);
    await socket.close();
  });

  test('when a subscription over WebSocket can not begin', async () => {
    const after = await fleet.cursor();
    const socket = await openSocket(server.url);
    const result = await during('start', async () => {
      socket.start('1', resumed, { after });
      return socket.next('1');
    });
    expect(JSON.stringify(result)).toContain('INTERNAL_SERVER_ERROR');
    expectLogged(result, /event_log/);
    await expectUsable(socket);
  });

  test('in one event of a subscription over WebSocket, which goes on', async () => {
    const socket = await openSocket(server.url);
    socket.start('1', pluginsOfChanges, { after: await fleet.cursor() });
    const result = await during('plugins', async () => {
      await disableInDatabase();
      return socket.next('1');
    });
    expect(result).toMatchObject({ type: 'next', payload: { data: null, errors: [internal] } });
    expectLogged(result, /relation "plugins"/);
    await command('enableSupervisor');
    expect(await socket.nextData('1', 'supervisorStateChanged')).toEqual({
      to: 'ENABLED',
      supervisor: { plugins: { totalCount: 1 } },
    });
    await socket.close();
  });

  test('when the source of a subscription over WebSocket breaks', async () => {
    const after = await fleet.cursor();
    await fleet.report('agent', 'ERROR');
    await fleet.report('agent', 'ACTIVE');
    const socket = await openSocket(server.url);
    const result = await during('history', async () => {
      socket.start('1', resumed, { after });
      return socket.next('1');
    });
    expect(result).toMatchObject({ type: 'error', payload: [internal] });
    expectLogged(result, /division by zero/);
    await expectUsable(socket);
  });

  test('when a subscription over SSE can not begin', async () => {
    const after = await fleet.cursor();
    const stream = await during('start', () => openStream(server.url, resumed, { after }));
    const result = await stream.next();
    expect(result).toMatchObject({ event: 'next', payload: { errors: [internal] } });
    expectLogged(result, /event_log/);
    expect(await stream.next()).toMatchObject({ event: 'complete' });
    expect(await stream.ended).toBe(true);
  });

  test('in one event of a subscription over SSE, which goes on', async () => {
    const stream = await openStream(server.url, pluginsOfChanges, { after: await fleet.cursor() });
    const result = await during('plugins', async () => {
      await disableInDatabase();
      return stream.next();
    });
    expect(result).toMatchObject({ event: 'next', payload: { data: null, errors: [internal] } });
    expectLogged(result, /relation "plugins"/);
    await command('enableSupervisor');
    expect(await stream.nextData('supervisorStateChanged')).toMatchObject({ to: 'ENABLED' });
    stream.close();
  });

  test('when the source of a subscription over SSE breaks', async () => {
    const after = await fleet.cursor();
    await fleet.report('agent', 'ERROR');
    await fleet.report('agent', 'ACTIVE');
    const [stream, result] = await during('history', async () => {
      const opened = await openStream(server.url, resumed, { after });
      return [opened, await opened.next()] as const;
    });
    expect(result).toMatchObject({ event: 'next', payload: { errors: [internal] } });
    expectLogged(result, /division by zero/);
    expect(await stream.next()).toMatchObject({ event: 'complete' });
    expect(await stream.ended).toBe(true);
  });
});

describe('a refused operation ends that operation, never its socket (trap: the usual recipe closes it with 4500)', () => {
  let socket: TestSocket;
  let watch = '';
  let round = 0;
  beforeAll(async () => {
    socket = await openSocket(server.url);
  });
  beforeEach(async () => {
    watch = `watch ${++round}`;
    socket.start(watch, 'subscription ($after: Cursor) { pluginStateChanged(after: $after) { to } }', {
      after: await fleet.cursor(),
    });
  });
  afterAll(() => socket.close());

  test.each<[string, string, Record<string, unknown>, string]>([
    ['a syntax error', '{ viewer { ', {}, 'BAD_USER_INPUT'],
    ['an empty document', '', {}, 'BAD_USER_INPUT'],
    ['a field that is unknown', 'subscription { nope }', {}, 'BAD_USER_INPUT'],
    [
      'two root fields in a subscription',
      'subscription { a: pluginStateChanged { to } b: pluginStateChanged { to } }',
      {},
      'BAD_USER_INPUT',
    ],
    ['a document without an operation', 'fragment A on Viewer { role }', {}, 'BAD_USER_INPUT'],
    ['a variable of another type', 'query ($id: ID!) { supervisor(id: $id) { id } }', { id: [] }, 'BAD_USER_INPUT'],
    ['a cursor that is none', resumed, { after: 'nope' }, 'BAD_USER_INPUT'],
    [
      'a cursor of another database',
      resumed,
      { after: Buffer.from('000000000000.1').toString('base64url') },
      'CURSOR_EXPIRED',
    ],
    ['a filter that is too deep', `subscription { pluginStateChanged(filter: ${'{a:'.repeat(300)}`, {}, 'TOO_COMPLEX'],
    ['a domain that can be none', 'subscription { pluginStateChanged(domainId: "a b") { to } }', {}, 'BAD_USER_INPUT'],
    [
      'an id that is unknown',
      'mutation { enableSupervisor(input: {supervisorId: "x"}) { supervisor { id } } }',
      {},
      'NOT_FOUND',
    ],
  ])('%s', async (_title, query, variables, code) => {
    socket.start(`bad ${round}`, query, variables);
    socket.start(`good ${round}`, '{ viewer { role } }');
    const refusal = await socket.next(`bad ${round}`);
    const { payload } = refusal;
    const errors = Array.isArray(payload) ? payload : (payload as { errors: unknown[] }).errors;
    expect(errors).toMatchObject([{ extensions: { code } }]);
    // Yoga's word for its own transport, which means nothing here.
    expect(JSON.stringify(refusal)).not.toContain('"http"');
    expect(await socket.nextData(`good ${round}`, 'viewer')).toEqual({ role: 'ADMIN' });
    await fleet.report('agent', 'ERROR');
    expect(await socket.nextData(watch, 'pluginStateChanged')).toEqual({ to: 'ERROR' });
    await fleet.report('agent', 'ACTIVE');
    expect(await socket.nextData(watch, 'pluginStateChanged')).toEqual({ to: 'ACTIVE' });
    socket.send({ id: watch, type: 'complete' });
  });
});

/** Its socket is still good for another operation. */
async function expectUsable(socket: TestSocket): Promise<void> {
  socket.start('after', '{ viewer { role } }');
  expect(await socket.nextData('after', 'viewer')).toEqual({ role: 'ADMIN' });
  await socket.close();
}
