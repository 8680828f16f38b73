import { openTestDatabase } from '@muster/db/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fleet, fleetOf, openSocket, openStream, startTestServer, type TestServer } from '../testing/index.ts';

/** Whether what a change needs besides its event can be read at present, and whether it was lost by a restore. */
let away = false;
let lost = false;
let server: TestServer;
let fleet: Fleet;
beforeAll(async () => {
  const db = await openTestDatabase();
  server = await startTestServer({
    db: {
      ...db,
      sql: {
        query: async (statement, values) => {
          const isLookedUp = typeof statement !== 'string' && statement.name === 'read_supervisors';
          if (away && isLookedUp)
            throw Object.assign(new Error('the database system is starting up'), { code: '57P03' });
          if (lost && isLookedUp) return [];
          return db.sql.query(statement, values);
        },
      },
    },
  });
  fleet = fleetOf(server.url, 'undeliverable');
});
afterAll(() => server.stop());

const subscription = `subscription ($after: Cursor) {
  pluginStateChanged(after: $after) { cursor to plugin { supervisor { hostname } } }
}`;
const unavailable = { extensions: { code: 'UNAVAILABLE' } };

test('E3: a change that can’t be delivered while the database is away ends its stream, and is delivered to a client that resumes', async () => {
  await fleet.report('agent', 'ACTIVE');
  const after = await fleet.cursor();
  const socket = await openSocket(server.url);
  socket.start('1', subscription, { after });
  const stream = await openStream(server.url, subscription, { after });
  await fleet.report('agent', 'ERROR');
  const { cursor } = await socket.nextData<{ cursor: string }>('1', 'pluginStateChanged');
  await stream.nextData('pluginStateChanged');

  away = true;
  await fleet.report('agent', 'PROVISIONING');
  await fleet.report('agent', 'ACTIVE');
  expect(await socket.next('1')).toMatchObject({ type: 'error', payload: [unavailable] });
  expect(await stream.next()).toMatchObject({ event: 'next', payload: { errors: [unavailable] } });
  expect(await stream.ended).toBe(true);
  // Meanwhile a resumed subscription ends in the same way.
  socket.start('2', subscription, { after: cursor });
  expect(await socket.next('2')).toMatchObject({ type: 'error', payload: [unavailable] });

  away = false;
  socket.start('3', subscription, { after: cursor });
  const resumed = await openStream(server.url, subscription, { after: cursor });
  for (const to of ['PROVISIONING', 'ACTIVE']) {
    expect(await socket.nextData('3', 'pluginStateChanged')).toMatchObject({ to });
    expect(await resumed.nextData('pluginStateChanged')).toMatchObject({ to });
  }
  resumed.close();
  await socket.close();
});

test('O5: a change whose supervisor the database has no longer ends its stream before it, as one that can’t be read', async () => {
  await fleet.report('lost', 'ACTIVE');
  const socket = await openSocket(server.url);
  const after = await fleet.cursor();
  socket.start('1', subscription, { after });
  await fleet.report('lost', 'ERROR');
  await socket.nextData('1', 'pluginStateChanged');
  lost = true;
  await fleet.report('lost', 'ACTIVE');
  expect(await socket.next('1')).toMatchObject({ type: 'error', payload: [unavailable] });
  lost = false;
  await socket.close();
});
