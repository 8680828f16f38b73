import { openDatabase } from '@muster/db';
import { createPostgresDatabase, testDatabaseKind } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createAgent,
  fleetOf,
  openReflectionClient,
  type ReflectionClient,
  startProxy,
  startTestServer,
  type TestProxy,
  type TestServer,
} from '../../testing/index.ts';

const service = 'spaceone.api.plugin.v1.Supervisor';
const domain_id = 'outage';

/** The embedded database can't go away without its server, so this is about PostgreSQL, behind a proxy that can. */
describe.runIf(testDatabaseKind() === 'postgresql')('an existing agent', () => {
  let proxy: TestProxy;
  let server: TestServer;
  let grpc: ReflectionClient;
  let drop: () => Promise<void>;

  beforeAll(async () => {
    const database = await createPostgresDatabase();
    drop = database.drop;
    const url = new URL(database.url);
    proxy = await startProxy({ host: url.hostname, port: Number(url.port || 5432) });
    url.host = `127.0.0.1:${proxy.port}`;
    server = await startTestServer({ db: await openDatabase({ url: url.href }) });
    grpc = await openReflectionClient(server.grpcAddress);
  });
  afterAll(async () => {
    grpc.close();
    await server.stop();
    await proxy.close();
    await drop();
  });

  test.each([
    ['is gone', () => proxy.cut()],
    ['takes connections and answers nothing', () => proxy.silence()],
  ])('asks once a tick while the database %s, keeps what it runs, and goes on once it is back', async (_how, fail) => {
    const agent = await agentWithCollector();
    const running = [...agent.running];
    fail();
    for (let ticks = 0; ticks < 2; ticks++) {
      expect(await agent.tick()).toMatchObject({
        listed: null,
        asked: 1,
        refusal: 'ERROR_UNAVAILABLE: the database can not be reached at present; try again',
        deleted: [],
        published: false,
      });
    }
    expect([...agent.running]).toEqual(running);
    proxy.restore();
    await expect.poll(async () => (await fetch(`${server.url}/ready`)).status).toBe(200);
    await expect
      .poll(() => agent.tick())
      .toMatchObject({
        listed: { 'collector 1.0': 'ACTIVE' },
        installed: [],
        reinstalled: [],
        deleted: [],
        published: true,
      });
    expect([...agent.running]).toEqual(running);
  });

  async function agentWithCollector() {
    const agent = createAgent({ client: grpc, domainId: domain_id, hostname: 'a' });
    await agent.tick();
    const [found] = (await grpc.call(service, 'list', { domain_id })).results as {
      supervisor_id: string;
      state: string;
    }[];
    if (found?.state === 'PENDING')
      await grpc.call(service, 'register', { domain_id, supervisor_id: found.supervisor_id });
    const input = { domainId: domain_id, pluginId: 'collector', version: '1.0' };
    await fleetOf(server.url, domain_id).ask(
      'mutation ($input: InstallPluginInput!) { installPlugin(input: $input) { plugin { id } } }',
      { input },
    );
    await agent.tick();
    expect(await agent.tick()).toMatchObject({ listed: { 'collector 1.0': 'ACTIVE' } });
    return agent;
  }
});
