import { openDatabase } from '@muster/db';
import { createPostgresDatabase, testDatabaseKind } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Fleet,
  fleetOf,
  graphql,
  openSocket,
  openStream,
  startProxy,
  startTestServer,
  type TestProxy,
  type TestServer,
} from '../testing/index.ts';

/** The embedded database can't go away without its server, so this is about PostgreSQL, behind a proxy that can. */
describe.runIf(testDatabaseKind() === 'postgresql')('while the database is gone', () => {
  let proxy: TestProxy;
  let server: TestServer;
  let fleet: Fleet;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const database = await createPostgresDatabase();
    drop = database.drop;
    const url = new URL(database.url);
    proxy = await startProxy({ host: url.hostname, port: Number(url.port || 5432) });
    url.host = `127.0.0.1:${proxy.port}`;
    server = await startTestServer({ db: await openDatabase({ url: url.href }) });
    fleet = fleetOf(server.url, 'outage');
    await fleet.report('agent', 'ACTIVE');
  });
  afterAll(async () => {
    await server.stop();
    await proxy.close();
    await drop();
  });

  const query = '{ supervisors { totalCount } }';
  const resumed = 'subscription ($after: Cursor) { pluginStateChanged(after: $after) { cursor to } }';
  const unavailable = {
    message: 'the database can not be reached at present; try again',
    extensions: { code: 'UNAVAILABLE' },
  };
  const ready = async () => (await fetch(`${server.url}/ready`)).status;

  test('what needs it is UNAVAILABLE on every path, and once it is back everything goes on with no event lost', async () => {
    const after = await fleet.cursor();
    const socket = await openSocket(server.url);
    const stream = await openStream(server.url, resumed, { after });
    socket.start('live', resumed, { after });
    await fleet.report('agent', 'ERROR');
    expect(await socket.nextData('live', 'pluginStateChanged')).toMatchObject({ to: 'ERROR' });
    expect(await stream.nextData('pluginStateChanged')).toMatchObject({ to: 'ERROR' });

    proxy.cut();
    expect(await graphql(server.url, query)).toMatchObject({ data: { supervisors: null }, errors: [unavailable] });
    expect(
      await graphql(
        server.url,
        'mutation { publishSupervisor(input: {domainId: "outage", name: "n", hostname: "h"}) { nextPublishInMs } }',
      ),
    ).toMatchObject({ data: { publishSupervisor: null }, errors: [unavailable] });
    socket.start('query', query);
    expect(await socket.next('query')).toMatchObject({ type: 'next', payload: { errors: [unavailable] } });
    socket.start('begin', resumed, { after });
    expect(JSON.stringify(await socket.next('begin'))).toContain(JSON.stringify(unavailable.extensions.code));
    const refused = await openStream(server.url, resumed, { after });
    expect(await refused.next()).toMatchObject({ event: 'next', payload: { errors: [unavailable] } });
    // Operations that don't need the database are answered.
    socket.start('viewer', '{ viewer { role } }');
    expect(await socket.nextData('viewer', 'viewer')).toEqual({ role: 'ADMIN' });
    const readiness = await fetch(`${server.url}/ready`);
    expect([readiness.status, await readiness.json()]).toMatchObject([
      503,
      { ready: false, reasons: expect.arrayContaining([expect.objectContaining({ reason: 'database_unreachable' })]) },
    ]);
    expect((await fetch(`${server.url}/health`)).status).toBe(200);

    proxy.restore();
    await expect.poll(ready).toBe(200);
    await fleet.report('agent', 'ACTIVE');
    expect(await socket.nextData('live', 'pluginStateChanged')).toMatchObject({ to: 'ACTIVE' });
    expect(await stream.nextData('pluginStateChanged')).toMatchObject({ to: 'ACTIVE' });
    stream.close();
    await socket.close();
    // An operator learns why; the address is in the log alone.
    expect(server.logged.map(({ msg }) => msg)).toContain('operations are answered with UNAVAILABLE');
  });

  test('not ready when it takes connections and answers nothing, before what was asked earlier has failed', async () => {
    proxy.silence();
    const settled: string[] = [];
    const asked = graphql(server.url, query).then(() => settled.push('asked'));
    // The last answer serves for a second.
    await expect.poll(ready, { interval: 100 }).toBe(503);
    expect(settled).toEqual([]);
    proxy.restore();
    await asked;
    await expect.poll(ready).toBe(200);
    expect(await graphql(server.url, query)).toMatchObject({ data: { supervisors: { totalCount: 1 } } });
  });
});
