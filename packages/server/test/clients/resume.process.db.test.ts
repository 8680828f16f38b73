import { gql } from '@apollo/client';
import { createStorage, type SpawnedServer, spawnServer, startProxy } from '@muster/server/testing';
import { GraphQLClient } from 'graphql-request';
import { expect, onTestFinished, test } from 'vitest';
import { createApolloClient } from './examples/apollo/client.ts';
import { keepPlugins, PLUGINS } from './examples/apollo/plugins.ts';
import { createRelayEnvironment } from './examples/relay/environment.ts';
import { keepSupervisors } from './examples/relay/supervisors.ts';
import { supervisors } from './examples/request/supervisors.ts';
import { createEventClient } from './examples/sse/client.ts';
import { createUrqlClient } from './examples/urql/client.ts';
import { shownSupervisors } from './relayList.ts';
import { exampleFile, isThere, type RunningProgram, runProgram } from './shell.ts';
import { openSite, type Site } from './site.ts';

interface Change {
  readonly cursor: string;
  readonly from: string;
  readonly to: string;
}

/** A client that goes on after the server died, with all the changes that it was given. */
interface Follower {
  changes(): readonly Change[];
  stop(): unknown;
}

/** Where a client finds the server, and where it begins. */
interface Start {
  readonly server: string;
  readonly site: Site;
  readonly after: string;
}

const fail = (error: unknown) => {
  throw error;
};
const document = 'subscription ($after: Cursor) { pluginStateChanged(after: $after) { cursor from to plugin { id } } }';

/** A program that writes each change as a line of JSON. */
function followerOf({ output, stop }: RunningProgram): Follower {
  const changes = () =>
    output()
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
      .map((line) => line.data?.pluginStateChanged ?? line)
      .filter(({ cursor }) => cursor !== undefined);
  return { changes, stop };
}
const env = ({ server, site, after }: Start) => ({ MUSTER_URL: server, MUSTER_TOKEN: site.token, AFTER: after });

const followers: Record<string, (start: Start) => Follower> = {
  'graphql-ws': (start) => followerOf(runProgram(process.execPath, [exampleFile('changes.ts')], env(start))),
  'graphql-sse': ({ server, site, after }) => {
    const changes: Change[] = [];
    const client = createEventClient(`${server}/graphql`, site.token);
    client.subscribe(
      { query: document, variables: { after } },
      {
        next: ({ data }) => changes.push(data?.pluginStateChanged as Change),
        error: fail,
        complete: () => {},
      },
    );
    return { changes: () => changes, stop: () => client.dispose() };
  },
  'Apollo Client': ({ server, site, after }) => {
    const changes: Change[] = [];
    const client = createApolloClient(`${server}/graphql`, site.token);
    const subscription = client
      .subscribe<{ pluginStateChanged: Change }>({ query: gql(document), variables: { after } })
      .subscribe({ next: ({ data }) => changes.push(data?.pluginStateChanged as Change), error: fail });
    return { changes: () => changes, stop: () => subscription.unsubscribe() };
  },
  urql: ({ server, site, after }) => {
    const changes: Change[] = [];
    const { unsubscribe } = createUrqlClient(`${server}/graphql`, site.token)
      .subscription<{ pluginStateChanged: Change }>(document, { after })
      .subscribe(({ data }) => changes.push(data?.pluginStateChanged as Change));
    return { changes: () => changes, stop: () => unsubscribe() };
  },
  'curl -N': (start) => {
    const script = `printf '"%s"' "$AFTER" > cursor && . ${exampleFile('curl/resume.sh')}`;
    return followerOf(runProgram('sh', ['-c', script], env(start)));
  },
  ...(isThere('python3')
    ? {
        Python: (start: Start) =>
          followerOf(runProgram('python3', [exampleFile('python/muster.py'), start.after], env(start))),
      }
    : {}),
};

/** Lists that clients keep by a watch: by name, how each is read from its cache. */
function keepLists({ server, site }: Start): Record<'Apollo Client' | 'Relay', () => unknown> {
  const url = `${server}/graphql`;
  const apollo = createApolloClient(url, site.token);
  const query = apollo.watchQuery({ query: PLUGINS }).subscribe(() => {});
  const plugins = keepPlugins(apollo, fail);
  const relay = createRelayEnvironment(url, site.token);
  const watch = keepSupervisors(relay, fail);
  onTestFinished(() => {
    plugins.unsubscribe();
    query.unsubscribe();
    watch.dispose();
  });
  return {
    'Apollo Client': () =>
      apollo
        .readQuery({ query: PLUGINS })
        ?.plugins?.edges.map(({ node }) => `${node.pluginId} ${node.state}`)
        .sort(),
    Relay: () =>
      shownSupervisors(relay)
        .map(({ name, state }) => `${name} ${state}`)
        .sort(),
  };
}

/** Where a server listens now. */
const portOf = ({ url }: SpawnedServer) => Number(new URL(url).port);

test('E3: every client goes on where it was once the server was killed and started again: no change is lost, none comes twice', async () => {
  const storage = await createStorage();
  onTestFinished(() => storage.remove());
  let server = await spawnServer(storage.env);
  onTestFinished(async () => {
    server.kill('SIGTERM');
    await server.ended;
  });
  const target = { host: '127.0.0.1', port: portOf(server) };
  const proxy = await startProxy(target);
  onTestFinished(() => proxy.close());
  let site = await openSite(server.url);
  const report = async (...states: string[]) => {
    for (const state of states) await site.report('agent', state);
  };

  await report('PROVISIONING');
  const leaving = await site.report('leaving', 'ACTIVE', { pluginId: 'leaving' });
  const start: Start = { server: `http://127.0.0.1:${proxy.port}`, site, after: await site.cursor() };
  const running = Object.entries(followers).map(([name, follow]) => ({ name, follower: follow(start) }));
  onTestFinished(async () => {
    for (const { follower } of running) await follower.stop();
  });
  const lists = keepLists(start);
  const expectEach = async (changes: number) => {
    for (const { name, follower } of running) {
      await expect.poll(() => follower.changes().length, { message: name }).toBeGreaterThanOrEqual(changes);
    }
  };
  await report('ACTIVE', 'ERROR', 'ACTIVE');
  await expectEach(3);
  await expect.poll(lists['Apollo Client']).toEqual(['collector ACTIVE', 'leaving ACTIVE']);
  await expect.poll(lists.Relay).toEqual(['agent PENDING', 'leaving PENDING']);

  // Changes go on before any client can come back, so that each has to resume.
  proxy.cut();
  server.kill('SIGKILL');
  await server.ended;
  server = await spawnServer(storage.env);
  site = site.at(server.url);
  target.port = portOf(server);
  await report('ERROR', 'ACTIVE', 'ERROR');
  await site.report('new', 'ACTIVE', { pluginId: 'new' });
  await site.ask('mutation ($id: ID!) { deregisterSupervisor(input: {supervisorId: $id}) { deregisteredId } }', {
    id: leaving,
  });
  const asked = namesOf(start);
  proxy.restore();
  await report('ACTIVE');

  const truth = await history(site, start.after);
  await expectEach(truth.length);
  for (const { name, follower } of running) {
    const received = follower.changes().map(({ cursor, from, to }) => ({ cursor, from, to }));
    expect.soft(received, name).toEqual(truth);
  }
  await expect.poll(lists['Apollo Client']).toEqual(['collector ACTIVE', 'new ACTIVE']);
  await expect.poll(lists.Relay).toEqual(['agent PENDING', 'new PENDING']);
  expect(await asked).toEqual(['agent', 'new']);
});

/** All changes of plugins' states since a cursor, as the log has them. */
async function history(site: Site, after: string): Promise<Change[]> {
  const { events } = await site.ask<{ events: { nodes: Change[] } }>(
    `query ($after: String) { events(after: $after, first: 100,
      filter: {pluginInstanceId: {isNull: false}, to: {isNull: false}}) { nodes { cursor from to } } }`,
    { after },
  );
  return events.nodes;
}

/** Asks through the proxy, while nobody answers there yet. */
async function namesOf({ server, site }: Start): Promise<string[]> {
  const headers = { authorization: `Bearer ${site.token}` };
  const names: string[] = [];
  for await (const { name } of supervisors(new GraphQLClient(`${server}/graphql`, { headers }), {})) names.push(name);
  return names.sort();
}
