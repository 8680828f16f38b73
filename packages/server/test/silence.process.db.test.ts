import { setTimeout as delay } from 'node:timers/promises';
import { administrationUrl, testDatabaseKind } from '@muster/db/testing';
import { openSilentProxy, type SilentProxy } from '@muster/db/testing/silentProxy';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createStorage, graphql, type SpawnedServer, spawnServer, type TestStorage } from '../testing/index.ts';

const read = '{ supervisors { totalCount } }';
const publish = (hostname: string) =>
  `mutation { publishSupervisor(input: {domainId: "d", name: "n", hostname: "${hostname}"}) { nextPublishInMs } }`;
const block = 'mutation { blockHostnames(input: {domainId: "d", filter: {hostname: {eq: "x"}}}) { __typename } }';

/** The embedded database has no connections. */
describe.runIf(testDatabaseKind() === 'postgresql')('O2: while no connection to the database passes a byte', () => {
  let proxy: SilentProxy;
  let storage: TestStorage;
  let server: SpawnedServer;
  beforeAll(async () => {
    const { hostname, port } = new URL(administrationUrl);
    proxy = await openSilentProxy({ host: hostname, port: Number(port || 5432) });
    storage = await createStorage();
    const proxied = new URL(storage.env.DATABASE_URL ?? '');
    proxied.host = `127.0.0.1:${proxy.port}`;
    // Far beyond the time in which silence is noticed.
    const patient = { MUSTER_OPERATION_TIMEOUT_SECONDS: '600' };
    const plenty = { MUSTER_POINTS_PER_SECOND: '1000000000', MUSTER_POINTS_PER_MINUTE: '1000000000' };
    server = await spawnServer({ DATABASE_URL: proxied.href, ...patient, ...plenty });
  });
  afterAll(async () => {
    server.kill('SIGKILL');
    await server.ended;
    await proxy.refuse();
    await storage.remove();
  });

  const codeOf = async (query: string) => (await graphql(server.url, query)).errors?.[0]?.extensions.code ?? 'OK';
  /** The answers to each kind of work, ten of each at once, so that all connections have some. */
  const codes = async () => {
    const asked = Array.from({ length: 10 }, (_, i) => [read, publish(`h${i}`), block].map(codeOf)).flat();
    return [...new Set(await Promise.all(asked))];
  };

  test('all that needs it is UNAVAILABLE, long before its deadline, on connections of before and on new ones', async () => {
    expect(await codes()).toEqual(['OK']);
    proxy.swallow();
    expect(await codes()).toEqual(['UNAVAILABLE']);
    expect(await codes()).toEqual(['UNAVAILABLE']);
    expect(proxy.silent).toBeGreaterThan(0);
  });

  test('all is served again once a new connection gets through, though those of before stay silent', async () => {
    proxy.pass();
    await expect.poll(codes, { timeout: 20_000 }).toEqual(['OK']);
    await expect.poll(async () => (await fetch(`${server.url}/ready`)).status).toBe(200);
  });

  test('connections that were idle when they went silent fail nothing: others are opened', async () => {
    // A connection that was used within the last second is not probed.
    await delay(1_500);
    proxy.silence();
    expect(await codes()).toEqual(['OK']);
  });

  test('SIGTERM stops the server in order', async () => {
    proxy.swallow();
    const asked = codes().catch(() => {});
    server.kill('SIGTERM');
    expect(await server.ended).toMatchObject({ code: 0, signal: null, output: expect.stringContaining('stopped') });
    await asked;
  });
});
