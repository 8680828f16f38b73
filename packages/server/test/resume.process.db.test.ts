import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  createStorage,
  fleetOf,
  graphql,
  type SpawnedServer,
  spawnServer,
  type TestStorage,
} from '../testing/index.ts';

/** E1, E2, E3 at once, over what can go wrong: the server dies in the middle of it all, and comes back. */
let storage: TestStorage;
beforeAll(async () => {
  storage = await createStorage();
});
afterAll(() => storage.remove());

const domainId = 'resume';
const writers = 4;
const kills = 2;

interface Change {
  cursor: string;
  from: string;
  to: string;
  plugin: { id: string; message: string };
}

const subscription = `subscription ($after: Cursor) { pluginStateChanged(domainId: "resume", after: $after) {
  cursor from to plugin { id message }
} }`;

test('E3: a subscriber that resumes across SIGKILLs of the server sees every committed change exactly once, in order', async () => {
  let server = await spawnServer(storage.env);
  await fleetOf(server.url, domainId).report('first', 'ACTIVE');
  const start = await fleetOf(server.url, domainId).cursor();
  /** Each change that the server answered for: `writer`'s `number`th, which its plugin's message names. */
  const acknowledged: string[] = [];
  const received: Change[] = [];

  for (let round = 0; round <= kills; round++) {
    const target = acknowledged.length + 40;
    const follower = follow(server.url, received.at(-1)?.cursor ?? start, (change) => received.push(change));
    const writing = Promise.all(
      Array.from({ length: writers }, (_, writer) =>
        write(server, `w${writer}`, round, acknowledged, () => acknowledged.length >= target),
      ),
    );
    if (round < kills) {
      // In the middle of the writing, and of the following.
      const before = received.length;
      await expect.poll(() => acknowledged.length > target - 10 && received.length > before).toBe(true);
      server.kill('SIGKILL');
      await writing;
      await server.ended;
      await follower.stop();
      server = await spawnServer(storage.env);
    } else {
      await writing;
      const truth = await history(server.url, start);
      await expect.poll(() => received.length).toBeGreaterThanOrEqual(truth.length);
      await follower.stop();
    }
  }

  const truth = await history(server.url, start);
  expect(received.map(({ cursor }) => cursor)).toEqual(truth.map(({ cursor }) => cursor));
  expect(received.map(({ from, to }) => `${from}>${to}`)).toEqual(truth.map(({ from, to }) => `${from}>${to}`));
  expect(new Set(received.map(({ cursor }) => cursor)).size).toBe(received.length);

  // No change that was acknowledged is missing, and each writer's stand in the order in which it made them.
  const told = received.map(({ plugin }) => plugin.message);
  expect(acknowledged.length).toBeGreaterThanOrEqual(40 * kills);
  expect(acknowledged.filter((change) => !told.includes(change))).toEqual([]);
  for (let writer = 0; writer < writers; writer++) {
    const own = told.filter((change) => change.startsWith(`w${writer} `));
    expect(own).toEqual([...own].sort((a, b) => numberOf(a) - numberOf(b)));
  }
  // The plugins' states are those of their last changes.
  const { plugins } = await fleetOf(server.url, domainId).ask<{
    plugins: { nodes: { id: string; state: string; message: string | null }[] };
  }>(`{ plugins(domainId: "${domainId}", filter: {message: {isNull: false}}) { nodes { id state message } } }`);
  for (const plugin of plugins.nodes) {
    const last = received.findLast((change) => change.plugin.id === plugin.id);
    expect({ to: last?.to, message: last?.plugin.message }).toEqual({ to: plugin.state, message: plugin.message });
  }
  server.kill('SIGTERM');
  expect(await server.ended).toMatchObject({ code: 0 });
});

const numberOf = (change: string) => Number(change.split(' ')[1]);

/** Changes one plugin's state again and again, until enough is done or the server is gone. */
async function write(
  server: SpawnedServer,
  hostname: string,
  round: number,
  acknowledged: string[],
  enough: () => boolean,
): Promise<void> {
  const fleet = fleetOf(server.url, domainId);
  for (let made = 0; !enough(); made++) {
    const change = `${hostname} ${round * 10_000 + made}`;
    // Each round's first change differs from whatever the last round left behind, known or not.
    const state = made % 2 === 0 ? 'PROVISIONING' : 'ACTIVE';
    try {
      await fleet.report(hostname, made === 0 ? 'ERROR' : state, { message: change });
    } catch (error) {
      // The server was killed: nobody knows whether this one was committed.
      if (error instanceof TypeError || error instanceof SyntaxError) return;
      throw error;
    }
    // The first of a round may have found its state as it was, and then is no change.
    if (made > 0) acknowledged.push(change);
  }
}

/** Subscribes with graphql-ws's own client, after a cursor. */
function follow(url: string, after: string, onChange: (change: Change) => void) {
  const client = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    lazy: false,
    onNonLazyError: () => {},
  });
  const stream = client.iterate<{ pluginStateChanged: Change }>({ query: subscription, variables: { after } });
  const reading = (async () => {
    for await (const { data, errors } of stream) {
      if (errors || !data) throw new Error(JSON.stringify(errors));
      onChange(data.pluginStateChanged);
    }
  })().catch((error: unknown) => {
    // A socket that was cut off, which graphql-ws tells by its close event, is what this test is about.
    if (error instanceof Error || Array.isArray(error)) throw error;
  });
  return {
    stop: async () => {
      await client.dispose();
      await stream.return?.(undefined);
      await reading;
    },
  };
}

/** All the changes of state since a cursor, as `events` tells them. */
async function history(url: string, start: string): Promise<{ cursor: string; from: string; to: string }[]> {
  const changes: { cursor: string; from: string; to: string }[] = [];
  for (let after = start; ; ) {
    const { data, errors } = await graphql<{
      events: {
        nodes: { cursor: string; from: string; to: string }[];
        pageInfo: { hasNextPage: boolean; endCursor: string };
      };
    }>(
      url,
      `query ($after: String) { events(domainId: "resume", first: 100, after: $after,
        filter: {pluginInstanceId: {isNull: false}, to: {isNull: false}}) {
        nodes { cursor from to } pageInfo { hasNextPage endCursor }
      } }`,
      { after },
    );
    if (!data) throw new Error(JSON.stringify(errors));
    changes.push(...data.events.nodes);
    if (!data.events.pageInfo.hasNextPage) return changes;
    after = data.events.pageInfo.endCursor;
  }
}
