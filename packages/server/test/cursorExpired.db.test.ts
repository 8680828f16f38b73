import { openReplica, trimHistory } from '@muster/core/testing';
import { beforeAll, expect, test } from 'vitest';
import { type Fleet, fleetOf, openSocket, openStream, useTestServer } from '../testing/index.ts';

const server = useTestServer();
let fleet: Fleet;
beforeAll(async () => {
  fleet = fleetOf(server.url, 'expired');
});

const subscription = 'subscription ($after: Cursor) { pluginStateChanged(after: $after) { cursor to } }';
const watch = 'subscription ($after: Cursor) { watchPlugins(after: $after) { type cursor } }';

test('E3: who resumes after history that was trimmed is told CURSOR_EXPIRED and the oldest cursor, which works', async () => {
  await fleet.report('agent', 'ACTIVE');
  const old = await fleet.cursor();
  await fleet.report('agent', 'ERROR');
  const oldest = await fleet.cursor();
  await server.db.sql.query(`UPDATE events SET at = at - interval '8 days'`);
  const other = await openReplica(server.db);
  expect(await trimHistory(other.core)).toBeGreaterThan(0);
  await other.close();
  await fleet.report('agent', 'PROVISIONING');

  const refusal = {
    errors: [{ extensions: { code: 'CURSOR_EXPIRED', oldestCursor: oldest } }],
  };
  const socket = await openSocket(server.url);
  for (const query of [subscription, watch]) {
    socket.start('refused', query, { after: old });
    expect(await socket.next('refused')).toMatchObject({ type: 'next', payload: refusal });
    expect(await socket.next('refused')).toEqual({ id: 'refused', type: 'complete' });
    const stream = await openStream(server.url, query, { after: old });
    expect(await stream.next()).toMatchObject({ event: 'next', payload: refusal });
    expect(await stream.ended).toBe(true);
  }
  socket.start('resumed', subscription, { after: oldest });
  expect(await socket.nextData('resumed', 'pluginStateChanged')).toMatchObject({ to: 'PROVISIONING' });
  socket.start('watching', watch, { after: oldest });
  expect(await socket.nextData('watching', 'watchPlugins')).toMatchObject({ type: 'MODIFIED' });
  const stream = await openStream(server.url, subscription, { after: oldest });
  expect(await stream.nextData('pluginStateChanged')).toMatchObject({ to: 'PROVISIONING' });
  stream.close();
  await socket.close();
});
