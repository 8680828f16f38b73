import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import { Client, type ClientBase, type ClientConfig, types } from 'pg';
import type { Database } from './database.ts';
import { PostgresLane } from './lanes/postgresLane.ts';
import { createPrismaPool } from './lanes/prismaPool.ts';
import { openSession } from './lanes/session.ts';
import type { ConnectionShares } from './lanes/shares.ts';
import { ShortLane } from './lanes/shortLane.ts';
import { findIdle, type Silence, SilenceWatch } from './lanes/silenceWatch.ts';
import { type ConnectionTimeouts, timeouts, timeoutsOf } from './lanes/timeouts.ts';
import { type LaneName, laneNames, ownWork, type Work } from './lanes/work.ts';
import { WorkStoppedError } from './lanes/workErrors.ts';
import { appliedMigrations } from './migrations/history.ts';
import { createPipeline } from './pipeline.ts';
import { createPool, type ProbingPool } from './pool.ts';
import { createPostgresListener, type PostgresListener } from './postgresListener.ts';
import { createPrisma } from './prisma.ts';
import { retryLost } from './retryLost.ts';
import type { DatabaseTarget } from './setup/databaseTarget.ts';
import { prepareDatabase, type StartOptions } from './setup/prepareDatabase.ts';
import type { Sql } from './sql.ts';

/** After how much silence the system asks whether the other side of a connection is there. */
const keepAliveMs = 10_000;
const silent = 'the database answers nothing; statements that wait for it are given up';
const answersAgain = 'the database answers again';
/** How often connections that were lent for too long are looked for. */
const loanCheckMs = 1_000;

interface PostgresSettings extends StartOptions {
  target: DatabaseTarget;
  shares: ConnectionShares;
  operationTimeoutMs: number;
  answerTimeoutMs: number;
}

/** How each connection is made. */
export function connectionTo({ connectionString }: DatabaseTarget): ClientConfig {
  return {
    connectionString,
    application_name: 'muster',
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    connectionTimeoutMillis: 5_000,
    types: { getTypeParser },
  };
}

/**
 * Connects to a PostgreSQL server: by the lanes, each with a pool, and by further connections of which one listens, one
 * reads the event log, and a few are pipelined.
 */
export async function openPostgres(settings: PostgresSettings): Promise<Database> {
  const { target } = settings;
  const connection = connectionTo(target);
  await prepareDatabase(connection, target, settings);
  const { shares } = settings;
  const watch = new SilenceWatch(
    async (processIds) => {
      // A pooler may have no new connection to give, and serve those that there are.
      const isAnswering = lanes.probes.isAnswering();
      return (await findIdle(connection, processIds)) ?? ((await isAnswering) ? new Set() : null);
    },
    (isSilent) => settings.onWarning(isSilent ? silent : answersAgain, undefined),
  );
  const lanes = openLanes(connection, settings, watch);
  const short = openShortLane(connection, settings, shares.short, watch);
  const log = openLogLane(connection, settings, watch);
  const works = new AsyncLocalStorage<Work>();
  const own = ownWork('sweeps');
  const work = () => works.getStore() ?? own;
  const sql: Sql = {
    query: (statement, values) => {
      const current = work();
      return retryLost(() => lanes[current.lane].query(current, statement, values));
    },
  };
  const prismaPool = createPrismaPool((use) => lanes[work().lane].lend(work(), use));
  const prisma = createPrisma(new PrismaPg(prismaPool, { schema: target.schema }), settings.onQuery);
  const listeners = new Set<PostgresListener>();
  const checking = checkNowAndThen(watch, [...laneNames.map((name) => lanes[name]), log], short);
  const interrupt = () => {
    const reason = new WorkStoppedError('shutdown');
    for (const name of laneNames) lanes[name].interrupt(reason);
    short.interrupt(reason);
    log.interrupt(reason);
  };
  return {
    kind: 'postgresql',
    prisma,
    sql,
    shortSql: { query: (statement, values) => retryLost(() => short.query(work(), statement, values)) },
    logSql: { query: (statement, values) => log.query(own, statement, values) },
    transaction: (run) => retryLost(() => lanes[work().lane].transaction(work(), run)),
    currentWork: work,
    runAs: (next, run) => works.run(next, run),
    runInLane: (lane, run) => works.run(work().inLane(lane), run),
    loads: () => [...laneNames.map((name) => lanes[name].load), short.load],
    interrupt,
    listen: async (channel, onWake) => {
      const listener = await createPostgresListener({
        connect: () => new Client({ ...connection, application_name: 'muster listener' }),
        channel,
        schema: target.schema,
        onWake,
        onWarning: settings.onWarning,
      });
      listeners.add(listener);
      return async () => {
        listeners.delete(listener);
        await listener.stop();
      };
    },
    isListening: () => [...listeners].every(({ isUp }) => isUp),
    appliedMigrations: () => appliedMigrations(sql),
    close: async () => {
      clearInterval(checking);
      await prisma.$disconnect();
      interrupt();
      await Promise.all([...laneNames.map((name) => lanes[name].close()), log.close(), short.close()]);
    },
  };
}

/** Looks now and then for connections that were lent for too long, or that are silent. */
function checkNowAndThen(watch: SilenceWatch, lanes: readonly PostgresLane[], short: ShortLane): NodeJS.Timeout {
  for (const each of [...lanes, short]) watch.add(each);
  return setInterval(() => {
    void watch.check(performance.now());
    for (const lane of lanes) lane.cutLoans(performance.now());
  }, loanCheckMs).unref();
}

function openLanes(
  connection: ClientConfig,
  settings: PostgresSettings,
  silence: Silence,
): Readonly<Record<LaneName, PostgresLane>> {
  const { shares } = settings;
  const lane = (name: LaneName) => {
    const part = { name, max: shares[name], timeouts: timeoutsOf(name, settings.operationTimeoutMs) };
    return openLane(connection, settings, silence, part);
  };
  return {
    reports: lane('reports'),
    changes: lane('changes'),
    reads: lane('reads'),
    sweeps: lane('sweeps'),
    probes: lane('probes'),
  };
}

/** The connection on which the event log is read. */
function openLogLane(connection: ClientConfig, settings: PostgresSettings, silence: Silence): PostgresLane {
  const { answerTimeoutMs } = settings;
  const part = { name: 'log', max: 1, timeouts: timeouts(answerTimeoutMs) } as const;
  return openLane({ ...connection, query_timeout: answerTimeoutMs }, settings, silence, part);
}

function openLane(
  connection: ClientConfig,
  settings: PostgresSettings,
  silence: Silence,
  part: PoolPart & { readonly name: LaneName | 'log' },
): PostgresLane {
  return new PostgresLane({
    name: part.name,
    pool: openPool(connection, settings, part),
    connections: part.max,
    connection,
    longestLoanMs: part.timeouts.loanMs,
    answerMs: part.timeouts.answerMs,
    silence,
    onQuery: settings.onQuery,
    onWarning: settings.onWarning,
  });
}

function openShortLane(
  connection: ClientConfig,
  settings: PostgresSettings,
  connections: number,
  silence: Silence,
): ShortLane {
  const shortTimeouts = timeouts(settings.answerTimeoutMs);
  const pipeline = createPipeline({
    newClient: () => {
      const client = new Client({
        ...connection,
        application_name: 'muster short',
        pipeline: true,
        query_timeout: settings.answerTimeoutMs,
      });
      // Sent before all others; where it fails, so do they.
      client.once('connect', () => void openSession(client, shortTimeouts, settings.target.schema).catch(() => {}));
      return client;
    },
    connections,
    silence,
    onQuery: settings.onQuery,
    onWarning: settings.onWarning,
  });
  return new ShortLane(pipeline, connections, silence);
}

/** How a part of the work connects. */
interface PoolPart {
  readonly name: string;
  readonly max: number;
  readonly timeouts: ConnectionTimeouts;
}

function openPool(connection: ClientConfig, settings: PostgresSettings, part: PoolPart): ProbingPool {
  const config = {
    ...connection,
    application_name: `muster ${part.name}`,
    max: part.max,
    idleTimeoutMillis: 30_000,
    onConnect: (client: ClientBase) => openSession(client, part.timeouts, settings.target.schema),
  };
  return createPool(config, settings.onWarning);
}

/** Parses `bigint` as a number, as PGlite does; everything else as the driver does by default. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === types.builtins.INT8) return Number;
  return types.getTypeParser(oid, format as 'text');
}
