import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { childEnv, testDatabaseKind } from '@muster/db/testing';
import { findPostgresPrograms, startCluster, type TestCluster, type TestStandby } from '@muster/db/testing/cluster';
import { openSilentProxy, type SilentProxy } from '@muster/db/testing/silentProxy';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  createStorage,
  type Fleet,
  fleetOf,
  graphql,
  openSocket,
  openStream,
  type SpawnedServer,
  spawnServer,
  type TestSocket,
  type TestStorage,
} from '../testing/index.ts';

/*
 * Each test brings the database to an earlier state, in one of the ways in which operators do so. A client with the cursor of an
 * event that is still there resumes there, and one with the cursor of a lost event gets CURSOR_EXPIRED.
 */

const commandLine = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));
const changes = 'subscription ($after: Cursor) { pluginStateChanged(after: $after) { cursor to } }';
const watch = 'subscription { watchPlugins { type cursor } }';
const expired = { errors: [{ extensions: { code: 'CURSOR_EXPIRED' } }] };

const programs = testDatabaseKind() === 'postgresql' ? await findPostgresPrograms() : undefined;
if (testDatabaseKind() === 'postgresql' && programs === undefined) {
  process.stderr.write('Skipped: restores and failovers, since PostgreSQL’s programs were not found.\n');
}

let server: SpawnedServer;
const fleet = (): Fleet => fleetOf(server.url, 'histories');
/** Changes one plugin's state this many times. */
async function toggle(times: number): Promise<void> {
  for (let i = 0; i < times; i++) {
    for (const state of ['ERROR', 'ACTIVE']) await fleet().report('agent', state);
  }
}

async function restartServer(env: Record<string, string>, meanwhile: () => Promise<void>): Promise<void> {
  server.kill('SIGTERM');
  await server.ended;
  await meanwhile();
  server = await spawnServer(env);
}

/** Of an event that is still there, and of one that was lost. */
interface Cursors {
  kept: string;
  lost: string;
}

/** The state `to` of the next changes after a cursor. */
async function changesAfter(after: string, count: number): Promise<string[]> {
  const socket = await openSocket(server.url);
  onTestFinished(() => socket.close());
  socket.start('resumed', changes, { after });
  const states: string[] = [];
  for (let i = 0; i < count; i++) {
    states.push((await socket.nextData<{ to: string }>('resumed', 'pluginStateChanged')).to);
  }
  return states;
}

/** The rules after any loss, once the log has grown past the number of the lost event. */
async function expectLoss({ kept, lost }: Cursors): Promise<void> {
  await toggle(5);
  expect(await changesAfter(kept, 10)).toEqual(Array.from({ length: 5 }, () => ['ERROR', 'ACTIVE']).flat());
  for (const query of [changes, 'subscription ($after: Cursor) { watchPlugins(after: $after) { type } }']) {
    const stream = await openStream(server.url, query, { after: lost });
    expect(await stream.next()).toMatchObject({ payload: expired });
  }
  expect(
    (await graphql(server.url, '{ events(after: "x") { nodes { id } } }'.replace('x', lost))).errors,
  ).toMatchObject(expired.errors);
}

describe.runIf(programs !== undefined)('O5: on PostgreSQL', () => {
  let cluster: TestCluster;
  let proxy: SilentProxy;
  let env: Record<string, string>;
  beforeEach(async () => {
    cluster = await startCluster(programs ?? '');
    await administer('CREATE DATABASE muster');
    proxy = await openSilentProxy(cluster);
    // Nothing but a wake-up, or what stands in for a lost one, has the log read.
    env = {
      DATABASE_URL: `postgresql://postgres@127.0.0.1:${proxy.port}/muster`,
      MUSTER_EVENT_POLL_MS: '600000',
    };
    server = await spawnServer(env);
    await fleet().report('agent', 'ACTIVE');
  });
  afterEach(async () => {
    server.kill('SIGKILL');
    await server.ended;
    await proxy.refuse();
    await cluster.remove();
  });

  async function administer(...statements: string[]): Promise<void> {
    for (const statement of statements) await cluster.query(statement);
  }
  const programUrl = (database: string) => cluster.url.replace(/postgres$/, database);

  /** Puts another database in the place of the servers'. */
  const putInPlace = (database: string) =>
    administer(
      'ALTER DATABASE muster ALLOW_CONNECTIONS false',
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'muster'`,
      'ALTER DATABASE muster RENAME TO lost',
      `ALTER DATABASE ${database} RENAME TO muster`,
    );

  /** Two readers that have received a change: over a WebSocket, and over SSE. */
  async function readAlong(): Promise<{ socket: TestSocket; ends(): Promise<void>; goesOn(): Promise<void> }> {
    const socket = await openSocket(server.url);
    const stream = await openStream(server.url, watch);
    onTestFinished(async () => {
      stream.close();
      await socket.close();
    });
    socket.start('changes', changes);
    for (const type of ['ADDED', 'SYNCED']) expect(await stream.nextData('watchPlugins')).toMatchObject({ type });
    // Subscribed by now: operations of a socket are answered in their order.
    await toggle(1);
    const goesOn = async () => {
      for (const to of ['ERROR', 'ACTIVE']) {
        expect(await socket.nextData('changes', 'pluginStateChanged')).toMatchObject({ to });
        expect(await stream.nextData('watchPlugins')).toMatchObject({ type: 'MODIFIED' });
      }
    };
    await goesOn();
    return {
      socket,
      goesOn,
      ends: async () => {
        expect(await socket.next('changes')).toMatchObject({ type: 'error', payload: expired.errors });
        expect(await stream.next()).toMatchObject({ payload: expired });
      },
    };
  }

  test('a dump that was restored while servers and readers run ends the readers with CURSOR_EXPIRED', async () => {
    const kept = await fleet().cursor();
    await cluster.call('pg_dump', '-Fc', '-f', 'muster.dump', programUrl('muster'));
    const readers = await readAlong();
    const lost = await fleet().cursor();
    await administer('CREATE DATABASE restored');
    await cluster.call('pg_restore', '--exit-on-error', '-d', programUrl('restored'), 'muster.dump');
    await putInPlace('restored');
    await readers.ends();
    await expect
      .poll(() =>
        fleet()
          .cursor()
          .catch(() => ''),
      )
      .toBe(kept);
    await expectLoss({ kept, lost });
  });

  test('a restore that no server sees, since none runs, is noticed too', async () => {
    const kept = await fleet().cursor();
    await administer(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'muster'`,
      'CREATE DATABASE older TEMPLATE muster',
    ).catch(() => administer('CREATE DATABASE older TEMPLATE muster'));
    await expect
      .poll(() =>
        fleet()
          .cursor()
          .catch(() => ''),
      )
      .toBe(kept);
    await toggle(2);
    const lost = await fleet().cursor();
    await restartServer(env, () => putInPlace('older'));
    await expectLoss({ kept, lost });
  });

  test('a promoted standby that lacks events ends the readers who saw them, and gives no cursor a second meaning', async () => {
    const standby = await cluster.startStandby();
    onTestFinished(() => standby.remove());
    const kept = await fleet().cursor();
    await expect.poll(() => countEvents(standby)).toEqual(await countEvents(cluster));
    await cutOff(standby);
    const readers = await readAlong();
    const lost = await fleet().cursor();
    await cluster.kill();
    await standby.promote();
    proxy.redirect(standby);
    await readers.ends();
    await expectLoss({ kept, lost });
  });

  test('a promoted standby that was waited for at each commit is nothing to readers but a pause', async () => {
    const standby = await cluster.startStandby();
    onTestFinished(() => standby.remove());
    await administer(`ALTER SYSTEM SET synchronous_standby_names = '*'`, 'SELECT pg_reload_conf()');
    const synchronous = `SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`;
    await expect.poll(() => cluster.query(synchronous)).toHaveLength(1);
    const readers = await readAlong();
    const kept = await fleet().cursor();
    await cluster.kill();
    await standby.promote();
    proxy.redirect(standby);
    await expect
      .poll(() =>
        toggle(1)
          .then(() => true)
          .catch(() => false),
      )
      .toBe(true);
    await readers.goesOn();
    expect(await changesAfter(kept, 2)).toEqual(['ERROR', 'ACTIVE']);
  });

  test('`muster log renew` says in one line what it did; readers end, and every cursor of before is CURSOR_EXPIRED', async () => {
    const before = await fleet().cursor();
    const readers = await readAlong();
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [commandLine, 'log', 'renew'], {
      env: { ...childEnv(), PATH: process.env.PATH, DATABASE_URL: env.DATABASE_URL },
    });
    expect([stdout, stderr]).toEqual([
      expect.stringMatching(/^The event log is in epoch \d+-[0-9a-f]{8}, after event \d+: .*\n$/),
      '',
    ]);
    await readers.ends();
    const stream = await openStream(server.url, changes, { after: before });
    expect(await stream.next()).toMatchObject({ payload: expired });
  });

  test('a standby says nothing of the log: who comes to one is UNAVAILABLE, and readers go on once the primary is back', async () => {
    const standby = await cluster.startStandby();
    onTestFinished(() => standby.remove());
    await cutOff(standby);
    const readers = await readAlong();
    const after = await fleet().cursor();
    proxy.redirect(standby);
    const asked = () => graphql(server.url, '{ events(last: 1) { nodes { id } } }');
    await expect.poll(async () => (await asked()).errors?.[0]?.extensions.code).toBe('UNAVAILABLE');
    const stream = await openStream(server.url, changes, { after });
    expect(await stream.next()).toMatchObject({ payload: { errors: [{ extensions: { code: 'UNAVAILABLE' } }] } });
    proxy.redirect(cluster);
    await expect
      .poll(() =>
        toggle(1)
          .then(() => true)
          .catch(() => false),
      )
      .toBe(true);
    await readers.goesOn();
    expect(await changesAfter(after, 2)).toEqual(['ERROR', 'ACTIVE']);
  });
});

/** Ends what a standby receives, though not what it has. */
async function cutOff(standby: TestStandby): Promise<void> {
  await standby.query(`ALTER SYSTEM SET primary_conninfo = ''`);
  await standby.query('SELECT pg_reload_conf()');
  await expect.poll(() => standby.query('SELECT FROM pg_stat_wal_receiver')).toEqual([]);
}

const countEvents = (cluster: TestCluster) => cluster.query('SELECT count(*) FROM events', 'muster');

describe.runIf(testDatabaseKind() === 'pglite')('O5: on the embedded database', () => {
  let storage: TestStorage;
  beforeAll(async () => {
    storage = await createStorage();
    server = await spawnServer(storage.env);
  });
  afterAll(async () => {
    server.kill('SIGKILL');
    await server.ended;
    await storage.remove();
  });

  test('a copy of the folder that was put back is noticed', async () => {
    const folder = storage.env.MUSTER_DATA_DIR ?? '';
    const copies = await mkdtemp(join(tmpdir(), 'muster-copy-'));
    onTestFinished(() => rm(copies, { recursive: true }));
    await fleet().report('agent', 'ACTIVE');
    const kept = await fleet().cursor();
    await restartServer(storage.env, () => cp(folder, join(copies, 'copy'), { recursive: true }));
    await toggle(2);
    const lost = await fleet().cursor();
    await restartServer(storage.env, async () => {
      await rm(folder, { recursive: true });
      await cp(join(copies, 'copy'), folder, { recursive: true });
    });
    await expectLoss({ kept, lost });
  });
});
