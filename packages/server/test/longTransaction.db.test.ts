import { type Database, leastPoolSize, openDatabase } from '@muster/db';
import { testDatabaseKind } from '@muster/db/testing';
import { openSilentProxy } from '@muster/db/testing/silentProxy';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  createStorage,
  type Fleet,
  fleetOf,
  graphql,
  openSocket,
  startTestServer,
  type TestSocket,
  type TestStorage,
} from '../testing/index.ts';

const domainId = 'long';
const subscription = `subscription ($after: Cursor) {
  pluginStateChanged(domainId: "long", after: $after) { cursor to plugin { supervisorId } }
}`;

interface Told {
  cursor: string;
  to: string;
  plugin: { supervisorId: string };
}

// The embedded database has one connection: a transaction that is open keeps all others waiting.
describe.runIf(testDatabaseKind() === 'postgresql')(
  'E2: a transaction that stays open delays nobody else’s events',
  () => {
    let storage: TestStorage;
    let others: Database;
    beforeAll(async () => {
      storage = await createStorage();
      others = await storage.open();
    });
    afterAll(async () => {
      await others.close();
      await storage.remove();
    });

    /** A server over its own connections, with two agents and one who watches them. */
    async function start(url: string, options: { poolSize?: number; answerTimeoutMs?: number } = {}) {
      const server = await startTestServer({ db: await openDatabase({ url, ...options }) });
      onTestFinished(() => server.stop());
      const fleet = fleetOf(server.url, domainId);
      const held = await fleet.report('held', 'ACTIVE');
      const free = await fleet.report('free', 'ACTIVE');
      const socket = await openSocket(server.url);
      onTestFinished(() => socket.close());
      socket.start('1', subscription, { after: await fleet.cursor() });
      await flip(fleet, socket, 'ERROR');
      return {
        url: server.url,
        fleet,
        held,
        free,
        socket,
        told: () => socket.nextData<Told>('1', 'pluginStateChanged'),
      };
    }

    /** Changes one plugin and waits for its event: from here on the subscription is live. */
    async function flip(fleet: Fleet, socket: TestSocket, state: string): Promise<void> {
      await fleet.report('free', state);
      expect(await socket.nextData('1', 'pluginStateChanged')).toMatchObject({ to: state });
    }

    /** Changes the held agent's plugin in a transaction that stays open until the returned function is called. */
    async function hold(supervisorId: string): Promise<() => Promise<void>> {
      const open = Promise.withResolvers<void>();
      const end = Promise.withResolvers<void>();
      const ended = others.transaction(async (sql) => {
        await sql.query(`UPDATE plugins SET state = 'ERROR' WHERE supervisor_id = $1`, [supervisorId]);
        open.resolve();
        await end.promise;
      });
      // A test that fails before it ends this must not leave it open.
      onTestFinished(() => end.resolve());
      await Promise.race([open.promise, ended]);
      return () => {
        end.resolve();
        return ended;
      };
    }

    test('what is committed while an older one is open is told before that one commits, and stands before it', async () => {
      const { fleet, held, free, told } = await start(storage.env.DATABASE_URL ?? '');
      const commit = await hold(held);
      await fleet.report('free', 'ACTIVE');
      const first = await told();
      expect(first).toMatchObject({ to: 'ACTIVE', plugin: { supervisorId: free } });
      await commit();
      const second = await told();
      expect(second).toMatchObject({ to: 'ERROR', plugin: { supervisorId: held } });
      const { events } = await fleet.ask<{ events: { nodes: { cursor: string }[] } }>(
        '{ events(last: 2) { nodes { cursor } } }',
      );
      expect(events.nodes.map(({ cursor }) => cursor)).toEqual([first.cursor, second.cursor]);
    });

    test('nor does it where the connections that a replica has for changes wait for what it holds', async () => {
      const poolSize = leastPoolSize;
      const { url, held, free, told } = await start(storage.env.DATABASE_URL ?? '', { poolSize });
      const elsewhere = await startTestServer({ db: await storage.open() });
      onTestFinished(() => elsewhere.stop());
      const commit = await hold(held);
      const recover = 'mutation ($input: RecoverPluginInput!) { recoverPlugin(input: $input) { plugin { id } } }';
      const input = { domainId, supervisorId: held, pluginId: 'collector', version: '1.0' };
      await fleetOf(elsewhere.url, domainId).ask(
        'mutation ($input: RegisterSupervisorInput!) { registerSupervisor(input: $input) { supervisor { id } } }',
        { input: { domainId, supervisorId: held } },
      );
      const waiting = Array.from({ length: 2 }, () => graphql(url, recover, { input }));
      const blocked = async () => {
        const [row] = await others.sql.query<{ count: number }>(
          `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return row?.count === 1;
      };
      await expect.poll(blocked).toBe(true);
      await fleetOf(elsewhere.url, domainId).report('free', 'PROVISIONING');
      expect(await told()).toMatchObject({ to: 'PROVISIONING', plugin: { supervisorId: free } });
      expect(await blocked()).toBe(true);
      await commit();
      await Promise.all(waiting);
      expect(await told()).toMatchObject({ to: 'ERROR', plugin: { supervisorId: held } });
    });

    test('nor does a connection that goes silent while the log is read on it', async () => {
      const server = new URL(storage.env.DATABASE_URL ?? '');
      const proxy = await openSilentProxy({ host: server.hostname, port: Number(server.port || 5432) });
      onTestFinished(() => proxy.refuse());
      server.host = `127.0.0.1:${proxy.port}`;
      const { free, told } = await start(server.href, { answerTimeoutMs: 200 });
      const elsewhere = await startTestServer({ db: await storage.open() });
      onTestFinished(() => elsewhere.stop());
      // Only the connection of the log: that of the listener wakes it.
      proxy.silenceOn('read_events');
      await fleetOf(elsewhere.url, domainId).report('free', 'ACTIVE');
      await expect.poll(() => proxy.silent).toBe(1);
      proxy.silenceOn('nothing at all');
      await fleetOf(elsewhere.url, domainId).report('free', 'ERROR');
      expect(await told()).toMatchObject({ to: 'ACTIVE', plugin: { supervisorId: free } });
      expect(await told()).toMatchObject({ to: 'ERROR', plugin: { supervisorId: free } });
    });
  },
);
