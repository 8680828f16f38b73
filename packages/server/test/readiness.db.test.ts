import { type Database, openDatabase } from '@muster/db';
import { administer, administrationUrl, createPostgresDatabase, testDatabaseKind } from '@muster/db/testing';
import { findPostgresPrograms, startCluster, type TestCluster } from '@muster/db/testing/cluster';
import { openSilentProxy, type SilentProxy } from '@muster/db/testing/silentProxy';
import { mountSmallDisk, type SmallDisk } from '@muster/db/testing/smallDisk';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fleetOf, graphql, startTestServer, type TestServer } from '../testing/index.ts';

const publish = 'mutation { publishSupervisor(input: {domainId: "d", name: "n", hostname: "h"}) { nextPublishInMs } }';
const isPostgres = testDatabaseKind() === 'postgresql';
/** Long enough for what a second look finds out, and far too long for nothing to come of it. */
const inTime = { timeout: 60_000, interval: 200 };

async function readiness({ url }: TestServer): Promise<{ status: number; reasons: string[] }> {
  const response = await fetch(`${url}/ready`);
  const { reasons } = (await response.json()) as { reasons: { reason: string; message: string }[] };
  return { status: response.status, reasons: reasons.map(({ reason }) => reason) };
}

const isReady = { status: 200, reasons: [] };
const notReady = (...reasons: string[]) => ({ status: 503, reasons });

/** The transaction holds what `lock` takes until it is called. */
async function holdLock(db: Database, lock: string): Promise<() => Promise<void>> {
  const [held, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const holding = db.transaction(async (sql) => {
    await sql.query(lock);
    held.resolve();
    await released.promise;
  });
  await Promise.race([held.promise, holding]);
  return () => {
    released.resolve();
    return holding;
  };
}

describe.runIf(isPostgres)(
  'O7: /ready is 503, and says why, only while a write would not succeed',
  { timeout: 120_000 },
  () => {
    let proxy: SilentProxy;
    let server: TestServer;
    let operator: Database;
    let name: string;
    let drop: () => Promise<void>;
    beforeAll(async () => {
      const database = await createPostgresDatabase();
      drop = database.drop;
      name = new URL(database.url).pathname.slice(1);
      operator = await openDatabase({ url: database.url, operationTimeoutMs: 600_000 });
      const { hostname, port } = new URL(administrationUrl);
      proxy = await openSilentProxy({ host: hostname, port: Number(port || 5432) });
      const proxied = new URL(database.url);
      proxied.host = `127.0.0.1:${proxy.port}`;
      const db = await openDatabase({ url: proxied.href, answerTimeoutMs: 1_000 });
      server = await startTestServer({ db, env: { MUSTER_SWEEP_INTERVAL_MS: '1000' } });
    });
    afterAll(async () => {
      await server.stop();
      await operator.close();
      await proxy.refuse();
      await drop();
    });

    const endSessions = () =>
      administer(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND application_name LIKE 'muster %'`,
      );
    const becomes = (expected: object) => expect.poll(() => readiness(server), inTime).toMatchObject(expected);
    const becomesReady = () => becomes(isReady);

    test('a database that is read-only', async () => {
      await becomesReady();
      await administer(`ALTER DATABASE ${name} SET default_transaction_read_only TO on`);
      await endSessions();
      await becomes(notReady('database_read_only'));
      expect((await graphql(server.url, publish)).errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }]);
      await administer(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
      await endSessions();
      await becomesReady();
    });

    test('a listener that is gone and kept from coming back', async () => {
      proxy.endSenders('muster listener');
      await becomes(notReady('listener_down'));
      expect((await graphql(server.url, publish)).errors).toBeUndefined();
      proxy.pass();
      await becomesReady();
    });

    test('a tail that is stuck, once an event is 10 s old', async () => {
      proxy.swallowSenders('muster log');
      await fleetOf(server.url, 'd').report('late', 'ACTIVE');
      await becomes(notReady('tail_behind'));
      proxy.pass();
      await becomesReady();
    });

    test('sweeps that wait for a lock', async () => {
      const release = await holdLock(operator, 'SELECT 1 FROM control_plane FOR UPDATE');
      await becomes(notReady('sweep_overdue'));
      expect((await graphql(server.url, publish)).errors).toBeUndefined();
      await release();
      await becomesReady();
    });

    test('a lane whose connections are all taken', async () => {
      const changes = server.db.loads().find(({ lane }) => lane === 'changes')?.connections ?? 0;
      expect(changes).toBeGreaterThan(0);
      const takeAll = Array.from({ length: changes }, () =>
        server.db.runInLane('changes', () => holdLock(server.db, 'SELECT 1')),
      );
      const releases = await Promise.all(takeAll);
      const waiting = server.db.runInLane('changes', () => server.db.sql.query('SELECT 1'));
      await becomes(notReady('lane_exhausted'));
      for (const release of releases) await release();
      await waiting;
      await becomesReady();
    });

    test('a database whose connections are all taken, so that the probe gets none', async () => {
      proxy.endSenders('muster probes');
      await becomes(notReady('database_unreachable'));
      proxy.pass();
      await becomesReady();
    });

    test('each change is in the log once, and /health was 200 all the while', async () => {
      const changes = server.logged.filter(({ msg }) => msg.startsWith('not ready: '));
      expect(new Set(changes.map(({ msg }) => msg)).size).toBeGreaterThanOrEqual(6);
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
    });
  },
);

test('O7: /ready asked five hundred times at once asks the database once', async () => {
  const statements: string[] = [];
  const server = await startTestServer({ onQuery: (text) => void statements.push(text) });
  await fetch(`${server.url}/ready`);
  const before = statements.filter((text) => text.includes('control_plane c SET')).length;
  const asked = await Promise.all(Array.from({ length: 500 }, () => fetch(`${server.url}/ready`)));
  expect(new Set(asked.map(({ status }) => status))).toEqual(new Set([200]));
  const after = statements.filter((text) => text.includes('control_plane c SET')).length;
  // One look each second that this machine took, and no more.
  expect(after - before).toBeLessThan(50);
  await server.stop();
});

const programs = isPostgres ? await findPostgresPrograms() : undefined;
/** Mounting takes root. */
const mayMount = programs !== undefined && process.getuid?.() === 0;

describe.runIf(mayMount)('O7: with a full disk', { timeout: 120_000 }, () => {
  let disk: SmallDisk | undefined;
  let cluster: TestCluster;
  let server: TestServer;
  beforeAll(async () => {
    disk = await mountSmallDisk(160);
    if (!disk) return;
    cluster = await startCluster(programs ?? '', { parent: disk.folder });
    server = await startTestServer({ db: await openDatabase({ url: cluster.url }) });
  });
  afterAll(async () => {
    if (!disk) return;
    await server.stop();
    await cluster.remove();
    await disk.remove();
  });

  test('/ready is 503 and says so, though rows can be written where they stand, until there is room again', async ({
    skip,
  }) => {
    if (!disk) return skip('this system lets nobody mount a tmpfs');
    await expect.poll(() => readiness(server), inTime).toMatchObject(isReady);
    await disk.fill();
    await expect.poll(() => readiness(server), inTime).toMatchObject(notReady('disk_full'));
    await disk.free();
    await expect.poll(() => readiness(server), inTime).toMatchObject(isReady);
    expect((await graphql(server.url, publish)).errors).toBeUndefined();
  });
});
