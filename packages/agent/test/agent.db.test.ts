import { once } from 'node:events';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { graphql, startProxy, useTestServer } from '@muster/server/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../src/demo/random.ts';
import type { RunningAgent } from '../src/runAgent.ts';
import { MemoryEngine } from '../testing/memoryEngine.ts';
import { startAgent, stateFolder } from '../testing/startAgent.ts';

const server = useTestServer({ env: { MUSTER_PUBLISH_INTERVAL_MS: '200' } });
const releasers: (() => unknown)[] = [];
let engine: MemoryEngine;
let folder: string;
let hosts = 0;
let hostname: string;

beforeEach(() => {
  engine = new MemoryEngine();
  folder = newFolder();
  hostname = `host-${++hosts}`;
});
afterEach(async () => {
  for (const release of releasers.splice(0).reverse()) await release();
});

function newFolder(): string {
  const { path, remove } = stateFolder();
  releasers.push(remove);
  return path;
}

async function start(options: Partial<Parameters<typeof startAgent>[0]> = {}): Promise<RunningAgent> {
  const agent = await startAgent({ engine, url: `${server.url}/graphql`, folder, hostname, ...options });
  releasers.push(() => agent.close());
  return agent;
}

async function operate<Data = Record<string, unknown>>(document: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await graphql<Data>(server.url, document, variables);
  if (errors) throw new Error(errors[0]?.message);
  return data;
}

interface Supervisors {
  supervisors: { nodes: { id: string; state: string; labels: object; conditions: { type: string }[] }[] };
}

async function supervisor() {
  const document =
    'query ($hostname: String!) { supervisors(domainId: "acme", filter: { hostname: { eq: $hostname } }) { nodes { id state labels conditions { type } } } }';
  return (await operate<Supervisors>(document, { hostname }))?.supervisors.nodes[0];
}

/** Registers the agent's supervisor once it has published. */
async function register(): Promise<string> {
  await expect.poll(supervisor).toMatchObject({ state: 'PENDING' });
  const { id = '' } = (await supervisor()) ?? {};
  await command('registerSupervisor', { supervisorId: id });
  return id;
}

/** Gives a command of the domain acme. */
async function command(name: string, input: Record<string, unknown>): Promise<void> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  await operate(`mutation ($input: ${type}!) { ${name}(input: $input) { __typename } }`, {
    input: { domainId: 'acme', ...input },
  });
}

interface Plugins {
  plugins: {
    nodes: { pluginId: string; state: string; generation: number; endpoint: string | null; message: string }[];
  };
}

async function plugins(supervisorId: string) {
  const document =
    'query ($id: String!) { plugins(domainId: "acme", filter: { supervisorId: { eq: $id } }) { nodes { pluginId state generation endpoint message } } }';
  return (await operate<Plugins>(document, { id: supervisorId }))?.plugins.nodes ?? [];
}

const states = async (id: string) =>
  (await plugins(id)).map((each) => `${each.pluginId} ${each.state} g${each.generation}`);

describe('an agent and its server', () => {
  it('G10, G13, acceptance 4: it runs what is installed, reinstalls what is recovered, and stops what is uninstalled', async () => {
    await start();
    const id = await register();
    expect((await supervisor())?.labels).toMatchObject({ 'muster.dev/driver': 'docker' });
    await command('installPlugin', { pluginId: 'collector', version: '1.0', supervisorId: id });
    await expect.poll(() => states(id)).toEqual(['collector ACTIVE g1']);
    expect(await plugins(id)).toMatchObject([{ endpoint: 'grpc://10.0.0.1:50051' }]);
    await command('recoverPlugin', { supervisorId: id, pluginId: 'collector', version: '1.0' });
    await expect.poll(() => states(id)).toEqual(['collector ACTIVE g2']);
    await expect.poll(() => engine.of('collector').map(({ spec }) => spec.identity.generation)).toEqual([2]);
    await command('uninstallPlugin', { supervisorId: id, pluginId: 'collector', version: '1.0' });
    await expect.poll(() => engine.things.size).toBe(0);
    await expect.poll(() => states(id)).toEqual([]);
  });

  it('C1: what it runs is the release of the version', async () => {
    await start();
    const id = await register();
    const spec = {
      image: 'r.example/echo:1',
      arguments: ['--loud'],
      ports: [{ name: 'web', port: 80, scheme: 'http' }],
      health: { kind: 'TCP' },
    };
    await command('publishRelease', { pluginId: 'echo', version: '1.0', spec });
    await command('installPlugin', { pluginId: 'echo', version: '1.0', supervisorId: id });
    await expect.poll(() => states(id)).toEqual(['echo ACTIVE g1']);
    expect(engine.of('echo')).toMatchObject([
      { spec: { image: 'r.example/echo:1', arguments: ['--loud'], health: { kind: 'TCP' } } },
    ]);
    expect(await plugins(id)).toMatchObject([{ endpoint: 'http://10.0.0.1:80' }]);
  });

  it('G5: the exit code and the last lines of a plugin that fails are its message', async () => {
    engine.onStart = (thing) => {
      thing.logs.push('no such table');
      engine.end(thing, 7);
    };
    await start();
    const id = await register();
    await command('installPlugin', { pluginId: 'broken', version: '1.0', supervisorId: id });
    await expect.poll(() => states(id)).toEqual(['broken ERROR g1']);
    expect((await plugins(id))[0]?.message).toMatch(/^exit code 7\nno such table/);
  });

  it('G6, acceptance 2: with the server away, plugins go on and are restarted; on its return the state is right', async () => {
    const proxy = await startProxy({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
    releasers.push(() => proxy.close());
    const agent = await start({ url: `http://127.0.0.1:${proxy.port}/graphql` });
    const id = await register();
    await command('installPlugin', { pluginId: 'collector', version: '1.0', supervisorId: id });
    await expect.poll(() => states(id)).toEqual(['collector ACTIVE g1']);
    proxy.cut();
    await expect.poll(() => statusOf(agent)).toMatchObject({ server: { state: 'AWAY' } });
    const [thing] = engine.of('collector');
    if (thing) engine.end(thing, 137);
    await expect.poll(() => thing?.status).toBe('RUNNING');
    await command('installPlugin', { pluginId: 'second', version: '1.0', supervisorId: id });
    proxy.restore();
    await expect.poll(() => states(id)).toEqual(['collector ACTIVE g1', 'second ACTIVE g1']);
    expect(engine.count('stop')).toBe(0);
    expect(await statusOf(agent)).toMatchObject({ server: { state: 'CONNECTED', error: null } });
  });

  it('G6: a supervisor that was deregistered keeps its plugins, and they are there when it is registered again', async () => {
    const agent = await start();
    const id = await register();
    await command('installPlugin', { pluginId: 'collector', version: '1.0', supervisorId: id });
    await expect.poll(() => states(id)).toEqual(['collector ACTIVE g1']);
    await command('deregisterSupervisor', { supervisorId: id, force: true });
    await expect.poll(() => statusOf(agent)).toMatchObject({ server: { supervisor: { state: 'PENDING' } } });
    const again = await register();
    await command('installPlugin', { pluginId: 'second', version: '1.0', supervisorId: again });
    await expect.poll(async () => (await states(again)).sort()).toEqual(['collector ACTIVE g1', 'second ACTIVE g1']);
    expect(engine.count('stop')).toBe(0);
  });

  it('G7, acceptance 1: after a kill the first report has it all as it was, and nothing was made or stopped', async () => {
    const first = await start();
    const id = await register();
    for (const pluginId of ['a', 'b']) await command('installPlugin', { pluginId, version: '1.0', supervisorId: id });
    await command('recoverPlugin', { supervisorId: id, pluginId: 'b', version: '1.0' });
    await expect.poll(async () => (await states(id)).sort()).toEqual(['a ACTIVE g1', 'b ACTIVE g2']);
    await expect.poll(() => engine.things.size).toBe(2);
    await first.close();
    const calls = engine.calls.length;
    const since = await cursor();
    const second = await start();
    await expect.poll(() => statusOf(second)).toMatchObject({ server: { state: 'CONNECTED' } });
    await expect
      .poll(async () => ((await statusOf(second)) as { server: object }).server)
      .toMatchObject({
        assignmentsAt: expect.any(String),
      });
    expect(engine.calls.length).toBe(calls);
    expect(await changesSince(since)).toEqual([]);
  });

  it('S8, acceptance 9: two agents with one hostname show as DUPLICATE_AGENT, and neither touches what the other runs', async () => {
    await start();
    const id = await register();
    await command('installPlugin', { pluginId: 'collector', version: '1.0', supervisorId: id });
    await expect.poll(() => states(id)).toEqual(['collector ACTIVE g1']);
    await start({ folder: newFolder() });
    await expect.poll(async () => (await supervisor())?.conditions).toContainEqual({ type: 'DUPLICATE_AGENT' });
    await expect.poll(() => engine.of('collector').map(({ status }) => status)).toEqual(['RUNNING', 'RUNNING']);
    const owners = engine.of('collector').map(({ spec }) => spec.identity.owner);
    expect(new Set(owners).size).toBe(2);
    expect(engine.count('stop')).toBe(0);
  });

  it('P3, acceptance 5: in 100 recoveries at any moment, no report of an older generation makes the newer wish ACTIVE', async () => {
    /** Answers each check once the thing is healthy, so that a round lasts no longer than it must. */
    const whenHealthy = async ({ id }: { id: string }) => {
      while (engine.things.get(id)?.isHealthy === false) await new Promise((resolve) => setTimeout(resolve, 1));
      return null;
    };
    engine.onStart = (thing) => {
      thing.isHealthy = false;
    };
    await start({ check: whenHealthy });
    const id = await register();
    await command('installPlugin', { pluginId: 'a', version: '1.0', supervisorId: id });
    const isServed = (generation: number) =>
      engine.of('a').some((thing) => thing.spec.identity.generation === generation && thing.isHealthy);
    const random = createRandom(Number(process.env.MUSTER_TEST_SEED));
    const moments = [0, 0, 1, 2, 5, 10, 25];
    for (let round = 0; round < 100; round++) {
      const pause = moments[Math.floor(random() * moments.length)] ?? 0;
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (random() < 0.7) for (const thing of engine.of('a')) thing.isHealthy = true;
      await command('recoverPlugin', { supervisorId: id, pluginId: 'a', version: '1.0' });
      const [row] = await plugins(id);
      expect(row?.state === 'ACTIVE' && !isServed(row.generation)).toBe(false);
    }
    engine.onStart = () => {};
    const heal = () => {
      for (const thing of engine.of('a')) thing.isHealthy = true;
    };
    await expect.poll(async () => [heal(), await states(id)][1]).toEqual(['a ACTIVE g101']);
    await expect.poll(() => engine.of('a').map(({ spec }) => spec.identity.generation)).toEqual([101]);
  });
});

async function statusOf(agent: RunningAgent): Promise<unknown> {
  return (await fetch(`http://127.0.0.1:${agent.statusPort}/status`)).json();
}

/** The place of the newest change. */
async function cursor(): Promise<string | undefined> {
  const data = await operate<{ events: { edges: { cursor: string }[] } }>('{ events(last: 1) { edges { cursor } } }');
  return data?.events.edges[0]?.cursor;
}

async function changesSince(after: string | undefined): Promise<unknown[]> {
  const document = 'query ($after: String) { events(first: 50, after: $after) { nodes { __typename } } }';
  return (await operate<{ events: { nodes: unknown[] } }>(document, { after }))?.events.nodes ?? [];
}

describe('enrollment (A7)', () => {
  const closed = useTestServer({ env: { MUSTER_PUBLISH_INTERVAL_MS: '200' } });
  let admin: string;

  /** How an agent is started with a new enrollment key, which registers newcomers. */
  async function enrollmentOf(maxNewcomers: number): Promise<{ url: string; server: string }> {
    admin ??= await tokenOf('mutation { createApiKey(input: { name: "first", role: ADMIN }) { token } }');
    const input = `{ domainId: "acme", name: "hosts", maxNewcomers: ${maxNewcomers}, registers: true }`;
    const file = join(newFolder(), 'enrollment');
    writeFileSync(file, await tokenOf(`mutation { createEnrollmentKey(input: ${input}) { token } }`, admin));
    return { url: `${closed.url}/graphql`, server: `, enrollmentKeyFile: ${file}` };
  }

  async function tokenOf(document: string, token?: string): Promise<string> {
    const [made] = Object.values(await asked<{ token: string }>(closed.url, document, token));
    return String(made?.token);
  }

  it('an enrollment key brings the agent in once; it keeps its own key for itself, and goes on with that', async () => {
    const options = await enrollmentOf(1);
    const first = await start(options);
    await expect
      .poll(() => statusOf(first))
      .toMatchObject({ server: { state: 'CONNECTED', supervisor: { state: 'ENABLED' } } });
    expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600);
    const own = readFileSync(join(folder, 'key'), 'utf8');
    await first.close();
    const second = await start(options);
    await expect
      .poll(() => statusOf(second))
      .toMatchObject({ server: { state: 'CONNECTED', assignmentsAt: expect.any(String) } });
    expect(readFileSync(join(folder, 'key'), 'utf8')).toBe(own);
    const stranger = await start({ ...options, folder: newFolder(), hostname: 'stranger' });
    await expect
      .poll(() => statusOf(stranger))
      .toMatchObject({
        server: { state: 'REFUSED', error: expect.stringContaining('LIMIT') },
      });
  });

  it('an agent whose key was lost on its way says what to do, and enrolls again once its supervisor is deregistered', async () => {
    const options = await enrollmentOf(2);
    const cutter = await startAnswerCutter(closed.url);
    releasers.push(() => cutter.close());
    const agent = await start({ ...options, url: `${cutter.url}/graphql` });
    await expect
      .poll(() => statusOf(agent))
      .toMatchObject({
        server: { state: 'REFUSED', error: expect.stringMatching(/^FORBIDDEN: .*deregister the supervisor/) },
      });
    const found = await asked<{ nodes: { id: string }[] }>(
      closed.url,
      `{ supervisors(domainId: "acme", filter: { hostname: { eq: "${hostname}" } }) { nodes { id } } }`,
      admin,
    );
    const input = `{ domainId: "acme", supervisorId: "${found.supervisors?.nodes[0]?.id}" }`;
    await asked(closed.url, `mutation { deregisterSupervisor(input: ${input}) { __typename } }`, admin);
    await expect
      .poll(() => statusOf(agent))
      .toMatchObject({ server: { state: 'CONNECTED', supervisor: { state: 'ENABLED' } } });
    expect(statSync(join(folder, 'key')).mode & 0o777).toBe(0o600);
  });

  it('an agent that ends at once keeps the key that its only report brought', async () => {
    const options = await enrollmentOf(1);
    await (await startAgent({ engine, folder, hostname, ...options })).close();
    const agent = await start(options);
    await expect.poll(() => statusOf(agent)).toMatchObject({ server: { state: 'CONNECTED' } });
  });
});

/** Passes requests on to a server, and breaks off once that has answered the first report. */
async function startAnswerCutter(url: string): Promise<{ readonly url: string; close(): Promise<void> }> {
  let isCut = false;
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const { authorization = '', accept = '' } = request.headers;
    const headers = { 'content-type': 'application/json', authorization, accept };
    const answer = await fetch(`${url}${request.url}`, { method: 'POST', headers, body });
    if (!isCut && body.includes('publishSupervisor')) {
      isCut = true;
      await answer.text();
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
    if (answer.body) await pipeline(answer.body, response).catch(() => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function asked<Field>(url: string, query: string, token?: string): Promise<Record<string, Field | undefined>> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = (await response.json()) as { data: never; errors?: unknown };
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
