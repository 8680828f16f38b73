import { once } from 'node:events';
import { expect, test } from 'vitest';
import { openSocket, openStream, useTestServer } from '../testing/index.ts';
import { expectAnswers, metricOf, openRaw } from '../testing/unread.ts';

const kib = 1024;
const server = useTestServer({
  env: {
    MUSTER_UNFINISHED_BODY_BYTES_PER_CLIENT: String(512 * kib),
    MUSTER_MAX_SUBSCRIPTIONS_PER_CREDENTIAL: '2',
  },
});
const bytes = () => metricOf(server, 'muster_unfinished_body_bytes');

test('W9: bodies that are not finished are bounded for one client: a further one gets 429', async () => {
  const head = `POST /graphql HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 1000000\r\n\r\n`;
  const first = openRaw(server);
  first.write(head + ' '.repeat(400 * kib));
  await expect.poll(bytes).toBeGreaterThan(300 * kib);
  const second = openRaw(server);
  second.write(head + ' '.repeat(400 * kib));
  second.resume();
  const [answer] = await once(second, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 429 .*RATE_LIMITED/s);
  await expectAnswers(server);
  first.destroy();
  second.destroy();
  await expect.poll(bytes).toBe(0);
});

test('W8: an event stream counts among the subscriptions of its credential, and shares the group of equal ones', async () => {
  const query = 'subscription { watchSupervisors { type supervisorId } }';
  const socket = await openSocket(server.url);
  socket.start('1', query);
  expect(await socket.nextData('1', 'watchSupervisors')).toMatchObject({ type: 'SYNCED' });
  const stream = await openStream(server.url, query);
  expect(await stream.nextData('watchSupervisors')).toMatchObject({ type: 'SYNCED' });
  expect(server.load()).toEqual({ streams: 1, groups: 1 });
  const further = await openStream(server.url, query);
  expect((await further.next()).payload).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
  stream.close();
  await socket.close();
  await expect.poll(() => server.load()).toEqual({ streams: 0, groups: 0 });
});
