import { administrationUrl, testDatabaseKind } from '@muster/db/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createStorage,
  graphql,
  openSocket,
  type SpawnedServer,
  spawnServer,
  startProxy,
  type TestProxy,
  type TestStorage,
} from '../testing/index.ts';

const read = '{ supervisors { totalCount } }';
const publish = 'mutation { publishSupervisor(input: {domainId: "d", name: "n", hostname: "h"}) { nextPublishInMs } }';

interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly count?: number;
  readonly err?: unknown;
}

/** The embedded database doesn't go away without its server. */
describe.runIf(testDatabaseKind() === 'postgresql')(
  'O12: while the database is away and many ask',
  { timeout: 120_000 },
  () => {
    let proxy: TestProxy;
    let storage: TestStorage;
    let server: SpawnedServer;
    beforeAll(async () => {
      const { hostname, port } = new URL(administrationUrl);
      proxy = await startProxy({ host: hostname, port: Number(port || 5432) });
      storage = await createStorage();
      const proxied = new URL(storage.env.DATABASE_URL ?? '');
      proxied.host = `127.0.0.1:${proxy.port}`;
      const plenty = {
        MUSTER_POINTS_PER_SECOND: '1000000000',
        MUSTER_POINTS_PER_MINUTE: '1000000000',
        MUSTER_ANONYMOUS_REQUESTS_PER_SECOND: '1000000',
        MUSTER_SWEEP_INTERVAL_MS: '1000',
        MUSTER_EVENT_POLL_MS: '100',
      };
      server = await spawnServer({ DATABASE_URL: proxied.href, ...plenty });
    });
    afterAll(async () => {
      server.kill('SIGKILL');
      await server.ended;
      await proxy.close();
      await storage.remove();
    });

    const lines = () =>
      server
        .output()
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as LogLine);

    /** Asks by all ways, until the log has counted failures of 10 s twice; returns how many requests failed. */
    async function askUntilCounted(): Promise<number> {
      const socket = await openSocket(server.url);
      const counted = () => lines().filter(({ msg, count }) => msg.includes('UNAVAILABLE') && count !== undefined);
      let failed = 0;
      while (counted().length < 2) {
        const asked = Array.from({ length: 20 }, (_, i) => graphql(server.url, i % 2 === 0 ? read : publish));
        for (const { errors } of await Promise.all(asked)) expect(errors?.[0]?.extensions.code).toBe('UNAVAILABLE');
        socket.start(`${failed}`, read);
        await socket.next(`${failed}`);
        expect((await fetch(`${server.url}/plugin/v1/supervisors?domain_id=d`)).status).toBe(503);
        await fetch(`${server.url}/ready`);
        failed += asked.length + 2;
      }
      await socket.close();
      return failed;
    }

    test('the log has one line of a kind every 10 s, with their number and without stacks', async () => {
      const before = lines().length;
      const beganAt = performance.now();
      proxy.cut();
      const failed = await askUntilCounted();
      const windows = Math.ceil((performance.now() - beganAt) / 10_000);
      const logged = lines().slice(before);
      const kinds = Map.groupBy(logged, ({ msg }) => msg);
      for (const [kind, { length }] of kinds) expect(length, kind).toBeLessThanOrEqual(1 + windows);
      expect(logged.length).toBeLessThan(failed / 4);
      expect(logged.filter(({ err }) => err !== undefined)).toEqual([]);
      const answered = (kinds.get('operations are answered with UNAVAILABLE') ?? []).map(({ count }) => count ?? 1);
      expect(answered.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(failed / 2);
      expect(server.output()).not.toMatch(/^ +at /m);
    });
  },
);
