import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createStorage, graphql, spawnGuarded, spawnServer, startTestServer } from '@muster/server/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { Narration } from '../src/demo/narrator.ts';
import { type DemoOptions, playDemo } from '../src/demo/playDemo.ts';
import { createRandom } from '../src/demo/random.ts';

/** Enough for every kind of incident, and for one that vanished to be registered again. */
const wholeStory = 26;
const tickMs = 20;
/** A line of a story as people see it. */
const firstWord = /\d\d:\d\d:\d\d {2}acme {5}eu-prod-supervisor {5}starts and publishes -> PENDING/;

const releasers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const release of releasers.splice(0).reverse()) await release();
});

describe('the demo against a server', () => {
  it('shows each turn of both lifecycles, and is refused nothing', async () => {
    const { url } = await testServer();
    const told = await play({ url, rounds: wholeStory, seed: 7 });
    const lines = told.map(({ what, result }) => `${what} -> ${result}`);
    for (const line of [
      /^starts and publishes -> PENDING$/,
      /^registers \S+ with env=\S+ region=\S+ priority=\d+ -> ENABLED$/,
      /^installs plugin-\S+ \S+ -> PROVISIONING$/,
      /^reports plugin-\S+ \S+ up -> ACTIVE$/,
      /^reports plugin-\S+ \S+ failed: .+ -> ERROR$/,
      /^recovers plugin-\S+ \S+ on \S+ -> RE_PROVISIONING, generation 2$/,
      /^restarts plugin-\S+ \S+ for generation 2 -> RE_PROVISIONING, generation 2$/,
      /^reports plugin-\S+ \S+ up -> ACTIVE, generation 2$/,
      /^disables .+ -> DISABLED$/,
      /^enables .+ -> ENABLED$/,
      /^reports a malformed plugin -> rejected \[\d\] BAD_USER_INPUT: .+; the rest is taken$/,
      /^falls silent -> /,
      /^deregisters .+ -> supervisor-[0-9a-f]{12} is gone$/,
      /^looks around -> .+; plugins: .+ ACTIVE/,
      /^installs plugin-showcase \S+ wherever it fits best -> PROVISIONING on depot-east$/,
      /^is told what to run -> plugin-showcase 1\.0\.0$/,
      /^waits for plugin-showcase \S+ -> ACTIVE on depot-east$/,
      /^upgrades plugin-showcase to \S+ -> RUNNING$/,
      /^is told what to run -> plugin-showcase 1\.0\.0, plugin-showcase 2\.0\.0-broken$/,
      /^can't run plugin-showcase 2\.0\.0-broken -> CrashLoopBackOff$/,
      /^can't run plugin-canary 2\.0\.0-broken -> CrashLoopBackOff$/,
      /^can't run plugin-showcase 1\.0\.0 -> no space left on device$/,
      /^watches the upgrade of plugin-showcase -> ROLLED_BACK, 1 REVERTED$/,
    ]) {
      expect(lines).toContainEqual(expect.stringMatching(line));
    }
    for (const line of realPlugins) expect(lines).toContainEqual(expect.stringMatching(line));
    for (const scene of [canaryPromoted, canaryRolledBack, drainToTheSecond]) {
      expect(lines.filter((line) => scene.includes(line))).toEqual(scene);
    }
    expect(lines.filter((line) => /refused,|not listed/.test(line))).toEqual([]);
    expect(lines.filter((line) => line === 'starts and publishes -> PENDING').length).toBeGreaterThan(12);
  });

  it('leaves what it told of: a fleet in three domains, whose plugins have endpoints', async () => {
    const { url } = await testServer();
    await play({ url, rounds: 5, seed: 7 });
    const { data } = await graphql<Fleet>(url, fleetQuery);
    expect(data?.supervisors.nodes).toHaveLength(12);
    expect(new Set(data?.supervisors.nodes.map((supervisor) => supervisor.domainId)).size).toBe(3);
    const production = data?.supervisors.nodes.find((supervisor) => supervisor.name === 'eu-prod-supervisor');
    expect(production).toMatchObject({
      state: 'ENABLED',
      connected: true,
      priority: 20,
      labels: { env: 'prod', region: 'eu-central-1' },
    });
    expect(data?.plugins.nodes.length).toBeGreaterThan(0);
    for (const { pluginId, endpoint, endpoints, supervisor } of data?.plugins.nodes ?? []) {
      const [, random] = endpoint?.split(`grpc://${pluginId}-`) ?? [];
      expect(random?.slice(0, 15)).toMatch(/^[a-z]{15}$/);
      expect(random?.slice(15)).toBe(`.${supervisor.hostname}:50051`);
      expect(endpoints).toEqual([endpoint]);
    }
  });

  it('is the same story again for the same seed', async () => {
    const stories = await Promise.all(
      Array.from({ length: 2 }, async () => play({ ...(await testServer()), rounds: 12, seed: 3 })),
    );
    const [first, second] = stories.map(withoutChance);
    expect(second).toEqual(first);
  });

  it('goes on with a server that was killed and started again', async () => {
    const storage = await createStorage();
    releasers.push(storage.remove);
    const killed = await spawnServer(storage.env);
    releasers.push(() => end(killed));
    const { port } = new URL(killed.url);
    const missed = Promise.withResolvers<void>();
    const stopping = new AbortController();
    const told: Narration[] = [];
    const done = playDemo({
      url: `${killed.url}/graphql`,
      random: createRandom(7),
      tickMs,
      signal: stopping.signal,
      narrate: (narration) => {
        told.push(narration);
        if (narration.what.startsWith('registers')) killed.kill('SIGKILL');
        if (narration.what.startsWith('finds no Muster server')) missed.resolve();
        // Only a server that kept its data and a demo that kept its state come to this.
        if (narration.result === 'ACTIVE, generation 2') stopping.abort();
      },
    });
    await missed.promise;
    await killed.ended;
    const restarted = await spawnServer({ ...storage.env, PORT: port });
    releasers.push(() => end(restarted));
    await done;
    expect(told.filter(({ what }) => what.startsWith('reaches the server'))).toHaveLength(1);
    expect(told.filter(({ what }) => what === 'starts and publishes').length).toBeGreaterThanOrEqual(12);
  });

  it('plays at a server that asks for a credential with the one that it is given, and else says where to put one', async () => {
    const { url } = await testServer();
    const created = await graphql<{ createApiKey: { token: string } }>(
      url,
      'mutation { createApiKey(input: { name: "demo", role: ADMIN }) { token } }',
    );
    const refused = await run('--url', url, '--rounds', '1');
    expect(refused).toMatchObject({ code: 1, errors: expect.stringMatching(/UNAUTHENTICATED.* in MUSTER_TOKEN/) });
    const token = created.data?.createApiKey.token ?? '';
    const played = await run('--url', url, '--rounds', '1', '--tick-ms', '20', '--token', token);
    expect(played).toMatchObject({ code: 0, errors: '', output: expect.stringContaining('starts and publishes') });
  });

  it('says how it is used, where that is asked for', async () => {
    expect(await run('--help')).toMatchObject({
      code: 0,
      errors: '',
      output: expect.stringMatching(/^Usage: .*--seed/s),
    });
    expect(await run('--hlep')).toMatchObject({
      code: 1,
      output: '',
      errors: expect.stringMatching(/'--hlep'.*See --help/),
    });
  });

  it.each(['SIGINT', 'SIGKILL'] as const)(
    'ended by %s leaves no process of its real agents and plugins',
    async (signal) => {
      const { url } = await testServer();
      const { child, output, ended } = start('--url', url, '--tick-ms', String(tickMs));
      await expect.poll(output, { interval: 50 }).toMatch(/looks at what really runs -> 1\.0\.0 on \S+ as process/);
      const pids = [...output().matchAll(/ process (\d+)/g)].map(([, pid]) => Number(pid));
      // Two agents, and a plugin of each.
      expect(new Set(pids).size).toBeGreaterThanOrEqual(4);
      child.kill(signal);
      await ended;
      await expect.poll(() => pids.filter(isAlive), { interval: 50 }).toEqual([]);
    },
  );

  it('stops on SIGINT and on SIGTERM, without an error', async () => {
    const { url } = await testServer();
    await Promise.all((['SIGINT', 'SIGTERM'] as const).map((signal) => stopsOn(signal, url)));
  });
});

/** Runs the demo's program. */
function start(...words: string[]) {
  const main = fileURLToPath(new URL('../src/demo/main.ts', import.meta.url));
  const child = spawnGuarded(process.execPath, [main, ...words], {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  releasers.push(async () => child.kill('SIGKILL'));
  const seen = { output: '', errors: '' };
  const began = Promise.withResolvers<void>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    seen.errors += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    seen.output += text;
    if (firstWord.test(seen.output)) began.resolve();
  });
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, ...seen }));
  return { child, began: began.promise, ended, output: () => seen.output };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const run = (...words: string[]) => start(...words).ended;

async function stopsOn(signal: NodeJS.Signals, url: string): Promise<void> {
  const { child, began, ended } = start('--url', url, '--seed', '1');
  await Promise.race([began, ended]);
  child.kill(signal);
  const { output, ...end } = await ended;
  expect(end).toEqual({ code: 0, signal: null, errors: '' });
  expect(output).toMatch(firstWord);
  expect(output).toContain('Stopped.');
}

/** The operator's lines of each scene, in their order. */
const canaryPromoted = [
  'installs plugin-canary 1.0.0 everywhere -> 3 supervisors',
  'waits for plugin-canary 1.0.0 -> 3 ACTIVE',
  'upgrades plugin-canary to 1.1.0, with one canary -> RUNNING',
  'watches the canary of plugin-canary 1.1.0 -> AWAITING_PROMOTION, 1 DONE, 2 WAITING',
  'promotes plugin-canary 1.1.0 -> RUNNING',
  'watches the others of plugin-canary 1.1.0 -> COMPLETED, 3 DONE',
];

const canaryRolledBack = [
  'upgrades plugin-canary to 2.0.0-broken, with one canary -> RUNNING',
  'watches the canary of plugin-canary 2.0.0-broken -> ROLLED_BACK, 1 REVERTED, 2 SKIPPED',
];

const drainToTheSecond = [
  'drains the supervisor of plugin-showcase -> DRAINING',
  'watches the drain -> DRAINED',
  'looks for plugin-showcase 1.0.0 -> ACTIVE on depot-west',
];

/** Lines about real plugins, as the story goes on. */
const realPlugins = [
  /^starts a real agent for workshop-west -> process \d+$/,
  /^looks at what really runs -> 1\.0\.0 on workshop-east as process \d+, 1\.0\.0 on workshop-west as process \d+$/,
  /^kills process \d+ -> its agent finds out$/,
  /^starts the agent of workshop-east again -> process \d+, which takes over what runs$/,
  /^watches the rollout of plugin-workshop 1\.1\.0 -> COMPLETED, 2 DONE$/,
  /^looks at what really runs -> 1\.1\.0 on workshop-east as process \d+, 1\.1\.0 on workshop-west as process \d+$/,
  /^watches the rollout of plugin-workshop 2\.0\.0-broken -> ROLLED_BACK, 1 REVERTED, 1 SKIPPED$/,
  /^looks at what really runs -> 1\.1\.0 on workshop-west as process \d+$/,
  /^looks at what really runs -> nothing$/,
];

async function testServer(): Promise<{ url: string }> {
  // The scenes wait for deadlines, which sweeps see.
  const server = await startTestServer({ env: { MUSTER_SWEEP_INTERVAL_MS: '500' } });
  releasers.push(() => server.stop());
  return { url: server.url };
}

async function play({ url, seed, ...options }: { seed: number } & Pick<DemoOptions, 'url' | 'rounds'>) {
  const told: Narration[] = [];
  await playDemo({
    ...options,
    url: `${url}/graphql`,
    tickMs,
    random: createRandom(seed),
    narrate: (narration) => void told.push(narration),
  });
  return told;
}

/** Ids are the server's, and domains act at the same time. */
function withoutChance(told: readonly Narration[]): string[] {
  return told
    .map(({ domain, actor, what, result }) =>
      [domain, actor, what, result.replace(/supervisor-[0-9a-f]{12}/, 'ID')].join(' | '),
    )
    .sort();
}

async function end(server: { kill(signal: NodeJS.Signals): void; ended: Promise<unknown> }): Promise<void> {
  server.kill('SIGKILL');
  await server.ended;
}

interface Fleet {
  supervisors: {
    nodes: {
      domainId: string;
      name: string;
      state: string;
      connected: boolean;
      priority: number;
      labels: Record<string, unknown>;
    }[];
  };
  plugins: {
    nodes: { pluginId: string; endpoint: string | null; endpoints: string[]; supervisor: { hostname: string } }[];
  };
}

const fleetQuery = `{
  supervisors(first: 100) { nodes { domainId name state connected priority labels } }
  plugins(first: 100, filter: { state: { eq: ACTIVE } }) { nodes { pluginId endpoint endpoints supervisor { hostname } } }
}`;
