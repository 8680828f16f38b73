import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { testDatabaseKind } from '@muster/db/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  createStorage,
  expectNoStart,
  fleetOf,
  graphql,
  openSocket,
  openStream,
  type SpawnedServer,
  spawnServer,
  type TestStorage,
} from '../testing/index.ts';

let storage: TestStorage;
let server: SpawnedServer | undefined;

beforeAll(async () => {
  storage = await createStorage();
});
afterEach(async () => {
  server?.kill('SIGKILL');
  await server?.ended;
  server = undefined;
});
afterAll(() => storage.remove());

async function started(env: Record<string, string> = {}): Promise<SpawnedServer> {
  server = await spawnServer({ ...storage.env, ...env });
  return server;
}

const subscription = 'subscription ($after: Cursor) { pluginStateChanged(after: $after) { to } }';

describe('a stop', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    'O15: by %s closes WebSockets with 1001, ends streams, lets requests finish, and ends the process with 0, unforced',
    async (signal) => {
      const { url, kill, ended } = await started();
      const fleet = fleetOf(url, 'lifecycle');
      await fleet.report(`agent ${signal}`, 'ACTIVE');
      const after = await fleet.cursor();
      const socket = await openSocket(url);
      socket.start('1', subscription, { after });
      const stream = await openStream(url, subscription, { after });
      await fleet.report(`agent ${signal}`, 'ERROR');
      expect(await socket.nextData('1', 'pluginStateChanged')).toEqual({ to: 'ERROR' });
      expect(await stream.nextData('pluginStateChanged')).toEqual({ to: 'ERROR' });
      const finish = await beginRequest(url);

      kill(signal);
      expect(await socket.closed).toEqual({ code: 1001, reason: 'Going away' });
      expect(await stream.ended).toBe(true);
      expect(await finish()).toBe(200);

      const end = await ended;
      expect(end).toMatchObject({ code: 0, signal: null, errors: '' });
      expect(end.output).toContain(`${signal}: stopping`);
      expect(end.output).toContain('stopped');
    },
  );

  test('W3: by SIGTERM comes about while clients ask for all that they can', async () => {
    const plenty = { MUSTER_POINTS_PER_SECOND: '1000000000', MUSTER_POINTS_PER_MINUTE: '1000000000' };
    const { url, kill, ended } = await started(plenty);
    const plugins = Array.from({ length: 100 }, (_, i) => ({ pluginId: `p${i}`, version: '1', state: 'ACTIVE' }));
    for (let i = 0; i < 3; i++) {
      const mutation =
        'mutation ($input: PublishSupervisorInput!) { publishSupervisor(input: $input) { nextPublishInMs } }';
      await graphql(url, mutation, { input: { domainId: 'busy', name: `h${i}`, hostname: `h${i}`, plugins } });
    }
    const dear =
      '{ viewer { role } supervisors(first: 100) { nodes { plugins(first: 100) { nodes { id message } } } } }';
    let answers = 0;
    const askUntilGone = async () => {
      for (;;) {
        await graphql(url, dear);
        answers += 1;
      }
    };
    const clients = Array.from({ length: 20 }, () => askUntilGone().catch(() => {}));
    await expect.poll(() => answers).toBeGreaterThan(clients.length);
    kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0, signal: null, output: expect.stringContaining('stopped') });
    await Promise.all(clients);
  });

  test('while it lasts: /ready is 503, new sockets are refused, and a second signal forces the end', async () => {
    const { url, kill, ended } = await started();
    // A peer that answers nothing keeps it stopping for a while, and a request whose body doesn't come for longer.
    const silent = await openSocket(url);
    silent.webSocket.pause();
    const finish = await beginRequest(url);
    kill('SIGTERM');
    await expect.poll(async () => (await fetch(`${url}/ready`)).status).toBe(503);
    const readiness = await fetch(`${url}/ready`);
    expect(await readiness.json()).toMatchObject({ ready: false, reasons: [{ reason: 'stopping' }] });
    await expect(openSocket(url)).rejects.toThrow('503');
    kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 1, output: expect.stringContaining('SIGTERM again') });
    silent.webSocket.terminate();
    await expect(finish()).rejects.toThrow();
  });
});

describe('while a server runs', () => {
  let running: SpawnedServer;
  beforeAll(async () => {
    running = await spawnServer({ ...storage.env, MUSTER_PORT: '80' });
  });
  afterAll(async () => {
    running.kill('SIGKILL');
    await running.ended;
  });

  test('O7: /health and /started are 200 while the process lives; /ready tells of the newest migration', async () => {
    const { url } = running;
    for (const path of ['/health', '/started']) {
      const health = await fetch(`${url}${path}`);
      expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    }
    const ready = await fetch(`${url}/ready`);
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { ready: true, reasons: [], migration: expect.stringMatching(/^\d{14}_/) },
    ]);
  });

  test('what it says on starting: that it is open (A5), and a variable that means nothing', async () => {
    const { output } = running;
    expect(output()).toContain('MUSTER_PORT is set, and means nothing to this server');
    expect(output()).toContain('No credentials are configured');
  });

  test('another does not come up on its port', async () => {
    const { url } = running;
    const other = testDatabaseKind() === 'postgresql' ? storage.env : { MUSTER_DATA_DIR: 'memory://' };
    await expectNoStart({ ...other, PORT: new URL(url).port }, /PORT: 127\.0\.0\.1:\d+ is in use/);
    expect(await graphql(url, '{ viewer { role } }')).toMatchObject({ status: 200 });
  });
});

describe('what does not come up says why in one line, and ends with 1', () => {
  test.runIf(testDatabaseKind() === 'postgresql')('DATABASE_URL: a database that does not exist', async () => {
    const url = new URL(storage.env.DATABASE_URL ?? '');
    url.pathname = '/muster_of_nobody';
    await expectNoStart({ DATABASE_URL: url.href }, /database "muster_of_nobody" does not exist/);
  });

  test('a database that is newer than the code', async () => {
    const newer = await createStorage();
    const db = await newer.open();
    await db.sql.query(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, started_at, applied_steps_count)
       VALUES ('x', 'x', '99991231000000_later', now(), now(), 1)`,
    );
    await db.close();
    await expectNoStart(
      newer.env,
      /99991231000000_later.*newer|newer.*99991231000000_later|99991231000000_later is unknown/,
    );
    await newer.remove();
  });
});

test('a connection that was never used does not hold a stop', async () => {
  const { url, kill, ended } = await started();
  const idle = connect(Number(new URL(url).port), '127.0.0.1');
  await once(idle, 'connect');
  const finish = await beginRequest(url);
  kill('SIGTERM');
  // It ends while the request still goes on, and so isn't what the server waits for.
  await once(idle.resume(), 'close');
  expect(await finish()).toBe(200);
  expect(await ended).toMatchObject({ code: 0 });
});

/** Sends a request whose headers have arrived, and whose body hasn't; returns how to send that, for the answer's status. */
async function beginRequest(url: string): Promise<() => Promise<number | undefined>> {
  const body = JSON.stringify({ query: '{ viewer { role } }' });
  const begun = request(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': body.length, expect: '100-continue' },
  });
  begun.flushHeaders();
  await once(begun, 'continue');
  const answered = once(begun, 'response');
  // A test that ends the server first doesn't wait for the answer.
  answered.catch(() => {});
  return async () => {
    begun.end(body);
    const [response] = await answered;
    response.resume();
    return response.statusCode;
  };
}
