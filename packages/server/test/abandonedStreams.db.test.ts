import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { useTestServer } from '../testing/index.ts';

const server = useTestServer();

test('a stream over SSE whose client goes while the stream begins leaves nothing', async () => {
  for (let turn = 0; turn < 100; turn++) {
    const asked = request(`${server.url}/graphql`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    });
    asked.on('error', () => {});
    asked.end(
      JSON.stringify({ query: `subscription { pluginStateChanged(filter: {version: {ne: "${turn}"}}) { to } }` }),
    );
    await sleep(turn % 10);
    asked.destroy();
  }
  const streams = async () =>
    /^muster_event_streams (\d+)$/m.exec(await (await fetch(`${server.url}/metrics`)).text())?.[1];
  await expect.poll(streams, { timeout: 8_000 }).toBe('0');
});
