import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, type Random } from '@muster/core/testing';
import { type Database, openDatabase } from '@muster/db';
import { testDatabaseKind } from '@muster/db/testing';
import { findPostgresPrograms, startCluster, type TestCluster } from '@muster/db/testing/cluster';
import { testSeed } from '@muster/db/testing/seed';
import { openSilentProxy, type SilentProxy } from '@muster/db/testing/silentProxy';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  difference,
  expectationsOf,
  type Follower,
  failOver,
  follow,
  type History,
  holdTransactions,
  interests,
  isOfOne,
  pluginFields,
  type Replica,
  readCursors,
  readTruth,
  report,
  restoreDump,
  startReplica,
  type WrittenFleet,
  write,
} from '../testing/faults/index.ts';
import { graphql } from '../testing/index.ts';

/*
 *   write (12 agents and operators)      holdTransactions (2)
 *          |  GraphQL over HTTP              |  SQL, behind the replicas' back
 *          v                                 |
 *   replica 1        replica 2               |         misfortunes: kills a replica, restarts PostgreSQL, cuts or
 *      |  silentProxy    |  silentProxy      |         silences its connections, promotes a standby, restores a
 *      v                 v                   v         dump, in a random order
 *   PostgreSQL of this test (startCluster) -----> readTruth: the event log, once all is over; and the lost logs
 *          |                                           |
 *          |  events                                   |  expectationsOf: what of it concerns a follower
 *          v                                           v
 *   follow (100 subscribers, each with   ---->   difference: none, for no follower
 *   an interest; all resume by cursor, and
 *   begin anew where it has expired)
 *
 * The parts stand in testing/faults, a file each. The last write is a sentinel: who has it has all before it.
 */

/** How long faults and writing go on, and the seed of all random choices, to repeat a run. */
const seconds = Number(process.env.MUSTER_TEST_FAULT_SECONDS ?? 22);
const seed = testSeed();

const followerCount = 100;
const writerCount = 12;
const longTransactions = 2;
const sentinel = 'sentinel';
const database = 'muster';
const patience = { interval: 50, timeout: 120_000 };

// The database is restarted, which a test can do only to its own PostgreSQL; the embedded database has one process,
// and dies with it (resume.process.db.test.ts).
const programs = testDatabaseKind() === 'postgresql' ? await findPostgresPrograms() : undefined;
if (testDatabaseKind() === 'postgresql' && programs === undefined) {
  process.stderr.write(
    'Skipped: the faults of several replicas, since PostgreSQL’s initdb and pg_ctl were not found.\n',
  );
}

/** All that a run consists of. */
interface World {
  db: Database;
  /** The present primary. */
  cluster: TestCluster;
  /** The ways of the first replica, and of the test itself, to the database, and those of the second one. */
  proxies: [SilentProxy, SilentProxy];
  /** The logs that a restore has put an end to. */
  lost: History[];
  replicas: Replica[];
  fleet: WrittenFleet;
  problems: string[];
  urls(): string[];
}

describe.runIf(programs !== undefined)('several replicas over one PostgreSQL', () => {
  test(
    'E2, E3, O5: each subscriber is told of each change once and in order, whatever dies, restarts, goes silent or is restored',
    async () => {
      process.stdout.write(`faults: seed ${seed}, ${seconds} s\n`);
      const random = createRandom(seed);
      const world = await createWorld(programs ?? '');
      const { db, fleet, problems, urls } = world;
      await firstReports(world);
      const start = [...(await readCursors(urls()[0] ?? ''))].at(-1)?.[1] ?? '';

      const over = new AbortController();
      const onProblem = (problem: string) => problems.push(problem);
      const followers: Follower[] = [];
      const joining = join(world, start, random, followers);
      const writing = Array.from({ length: writerCount }, () =>
        write({ fleet, urls, random: createRandom(random.next() * 2 ** 32), onProblem }, over.signal),
      );
      const holding = Array.from({ length: longTransactions }, () =>
        holdTransactions(db, createRandom(random.next() * 2 ** 32), over.signal),
      );
      const ended = Promise.all([joining, ...writing, ...holding]);
      await Promise.race([misfortunes(world, random), ended]);
      over.abort();
      await ended;
      await lastReports(world);

      const events = await readTruth(db);
      const cursors = await readCursors(urls()[0] ?? '');
      const sentinels = new Set(fleet.domains.map((domainId) => fleet.supervisorIds.get(`${domainId}/${sentinel}`)));
      // A sweep may still have made a change after the sentinel's.
      const last = events.findLastIndex(({ supervisorId }) => sentinels.has(supervisorId));
      const truth = events.slice(0, last + 1);
      const history = { events: truth, cursors };
      const expected = followers.map((follower) => expectationsOf(follower.interest, follower, history) ?? []);
      const waitsFor = (follower: Follower, index: number) => {
        const lastCursor = expected[index]?.at(-1)?.cursor;
        return !follower.received.some(({ cursor }) => cursor === lastCursor);
      };
      await vi.waitUntil(() => !followers.some(waitsFor), patience).catch(() => {});

      const differences = followers.map((follower, index) => {
        const due = expected[index] ?? [];
        const lastAt = follower.received.findLastIndex(({ cursor }) => cursor === due.at(-1)?.cursor);
        const told = lastAt < 0 ? follower.received : follower.received.slice(0, lastAt + 1);
        const differs = difference(due, told);
        return differs === null ? null : `${follower.interest.name}: ${differs}`;
      });
      const deliveries = followers.reduce((sum, { received }) => sum + received.length, 0);
      const sessions = followers.reduce((sum, follower) => sum + follower.sessions, 0);
      const earlier = followers.flatMap(({ interest, earlier: readings }) =>
        readings.map((reading) => ({ interest, reading })),
      );
      const committed = (await Promise.all(holding)).reduce((sum, count) => sum + count, 0);
      process.stdout.write(
        `faults: ${events.length} events were written, ${committed} long transactions committed among them; ` +
          `${deliveries} deliveries checked, of ${followers.length} subscribers in ${sessions} sessions; ` +
          `${world.lost.length} logs were lost, and subscribers began anew ${earlier.length} times\n`,
      );
      expect(problems, internalErrorsOf(world.replicas)).toEqual([]);
      // Each was broken off at least once by the restarts.
      expect(sessions).toBeGreaterThan(followers.length);
      expect(differences.filter((found) => found !== null)).toEqual([]);
      // Those who began anew had received what one of the logs has, up to somewhere.
      const histories = [...world.lost, { events, cursors }];
      expect(earlier.filter(({ interest, reading }) => !isOfOne(histories, interest, reading))).toEqual([]);
      expect(earlier.length > 0).toBe(world.lost.length > 0);
      await expectSameCursors(world, events);
      await expectTrueMaps(world, followers);
      await Promise.all(followers.map((follower) => follower.stop()));
    },
    (seconds * 3 + 150) * 1_000,
  );
});

async function createWorld(folder: string): Promise<World> {
  const problems: string[] = [];
  const cluster = await startCluster(folder);
  onTestFinished(() => world.cluster.remove());
  await cluster.query(`CREATE DATABASE ${database}`);
  const proxies: World['proxies'] = [await openSilentProxy(cluster), await openSilentProxy(cluster)];
  onTestFinished(async () => void (await Promise.all(proxies.map((proxy) => proxy.refuse()))));
  const proxiedUrl = ({ port }: SilentProxy) => `postgresql://postgres@127.0.0.1:${port}/${database}`;
  const db = await openDatabase({ url: proxiedUrl(proxies[0]) });
  onTestFinished(() => db.close());
  const replicas = await Promise.all(
    proxies.map((proxy) => startReplica(environment(proxiedUrl(proxy)), (problem) => problems.push(problem))),
  );
  onTestFinished(async () => void (await Promise.all(replicas.map((replica) => replica.stop()))));
  const fleet = {
    domains: ['red', 'green', 'blue'],
    hostnames: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
    pluginIds: ['collector', 'webhook', 'exporter'],
    supervisorIds: new Map<string, string>(),
  };
  const urls = () => replicas.map(({ url }) => url).filter((url) => url !== undefined);
  const world: World = { db, cluster, proxies, replicas, fleet, lost: [], problems, urls };
  return world;
}

function environment(url: string): Record<string, string> {
  return {
    DATABASE_URL: url,
    // Changes that both replicas make by themselves.
    MUSTER_PROVISIONING_DEADLINE_SECONDS: '1',
    MUSTER_SWEEP_INTERVAL_MS: '1000',
    // So that nothing but a wake-up, or what stands in for a lost one, brings an event.
    MUSTER_EVENT_POLL_MS: '600000',
    // A hundred subscribers that begin anew at once, with one credential, read more than one may.
    MUSTER_POINTS_PER_SECOND: '1000000000',
    MUSTER_POINTS_PER_MINUTE: '1000000000',
  };
}

async function firstReports({ fleet, urls }: World): Promise<void> {
  for (const domainId of fleet.domains) {
    for (const hostname of fleet.hostnames) {
      await report(urls()[0] ?? '', fleet, { domainId, hostname }, () => ({ state: 'ACTIVE', message: 'first' }));
    }
  }
}

/** A change in each domain that every subscriber wants. */
async function lastReports({ fleet, urls }: World): Promise<void> {
  for (const domainId of fleet.domains) {
    const place = { domainId, hostname: sentinel };
    const publish = () => report(urls()[0] ?? '', fleet, place, () => ({ state: 'ERROR', message: 'last' }));
    await vi.waitUntil(() => publish().catch(() => undefined), patience);
  }
}

/** Most subscribers are there from the beginning; some join in the midst of it, with all of history or a snapshot. */
async function join(world: World, start: string, random: Random, followers: Follower[]): Promise<void> {
  const { fleet, urls, problems } = world;
  const wanted = random.shuffle(interests(fleet.domains, fleet.pluginIds, followerCount));
  const lateComers = wanted.length / 5;
  for (const [index, interest] of wanted.entries()) {
    const late = index >= wanted.length - lateComers;
    if (late) await delay((seconds * 800) / lateComers);
    followers.push(
      follow({
        interest,
        urls,
        after: interest.isWatch ? null : start,
        random: createRandom(random.next() * 2 ** 32),
        onProblem: (problem) => problems.push(problem),
      }),
    );
  }
}

/** All that goes wrong, one thing after the other, again and again until the time is over. */
async function misfortunes(world: World, random: Random): Promise<void> {
  const { proxies, replicas } = world;
  const faults = {
    'a replica is killed': () => random.one(replicas).replace(random.between(0, 1_000)),
    'the database crashes': () => world.cluster.restart('immediate'),
    'the database is restarted': () => world.cluster.restart('fast'),
    'a standby is promoted': async () => {
      world.cluster = await failOver(world.cluster, proxies);
    },
    'a dump is restored': async () => {
      world.lost.push(await restoreDump(world.cluster, database, () => delay(random.between(500, 1_500))));
    },
  };
  const ends = performance.now() + seconds * 1_000;
  const pauseMs = Math.min(seconds, 22) * 190;
  const hasTimeForARound = () => performance.now() + 2 * pauseMs < ends;
  do {
    await delay(1_000);
    let silenced = 0;
    const silence = () => {
      silenced += proxies[1].silenceSenders('muster listener');
      return silenced;
    };
    // One for events, one for API keys. After a restart each takes a moment to connect.
    await expect.poll(silence).toBe(2);
    process.stdout.write('faults: the listeners go silent\n');
    for (const [name, happen] of random.shuffle(Object.entries(faults))) {
      await delay(pauseMs * random.between(0.7, 1.3));
      process.stdout.write(`faults: ${name}\n`);
      await happen();
    }
    await delay(pauseMs);
  } while (hasTimeForARound());
}

/** E2: a sequence number has the same cursor on every replica. */
async function expectSameCursors({ urls }: World, events: readonly { seq: number }[]): Promise<void> {
  const [one, other] = await Promise.all(urls().map(readCursors));
  const order = events.map(({ seq }) => seq);
  expect([...(one?.keys() ?? [])].slice(0, order.length)).toEqual(order);
  expect([...(other ?? [])].slice(0, order.length)).toEqual([...(one ?? [])].slice(0, order.length));
}

/** Checks that a watcher's rows are those of a list. */
async function expectTrueMaps({ urls }: World, followers: readonly Follower[]): Promise<void> {
  const query = `query ($domainId: ID, $filter: PluginFilter) {
    plugins(domainId: $domainId, filter: $filter, first: 100) { nodes { ${pluginFields} } }
  }`;
  const sorted = (rows: Iterable<[string, unknown]>) => [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const { interest, rows } of followers.filter((follower) => follower.interest.isWatch)) {
    let list: [string, unknown][] = [];
    // A sweep may make a change between the list and the watch.
    const isTrue = async () => {
      const reply = await graphql<{ plugins: { nodes: { id: string }[] } }>(urls()[0] ?? '', query, {
        ...interest.variables,
      });
      list = sorted((reply.data?.plugins.nodes ?? []).map((node) => [node.id, node]));
      return JSON.stringify(list) === JSON.stringify(sorted(rows));
    };
    await vi.waitUntil(isTrue, patience).catch(() => {});
    expect(sorted(rows), interest.name).toEqual(list);
  }
}

/** The first internal errors in the logs of the replicas, which no client is shown. */
function internalErrorsOf(replicas: readonly Replica[]): string {
  const errors = replicas.flatMap((replica) =>
    replica
      .output()
      .split('\n')
      .filter((line) => line.includes('"level":50')),
  );
  return errors.slice(0, 5).join('\n');
}
