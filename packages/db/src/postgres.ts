import { AsyncLocalStorage } from 'node:async_hooks';
import { PrismaPg } from '@prisma/adapter-pg';
import { Client, type ClientBase, type ClientConfig, type Pool, types } from 'pg';
import { closeClient } from './closeClient.ts';
import type { Database } from './database.ts';
import { PostgresLane } from './lanes/postgresLane.ts';
import { createPrismaPool } from './lanes/prismaPool.ts';
import { openSession } from './lanes/session.ts';
import type { ConnectionShares } from './lanes/shares.ts';
import { ShortLane } from './lanes/shortLane.ts';
import { isSilent, SilenceWatch } from './lanes/silenceWatch.ts';
import { type ConnectionTimeouts, noTimeouts, timeouts, timeoutsOf } from './lanes/timeouts.ts';
import { type LaneName, laneNames, ownWork, type Work } from './lanes/work.ts';
import { WorkStoppedError } from './lanes/workErrors.ts';
import { appliedMigrations, migrate } from './migrate.ts';
import { createPipeline } from './pipeline.ts';
import { createPool, type ProbingPool } from './pool.ts';
import { createPostgresListener, type PostgresListener } from './postgresListener.ts';
import { createPrisma } from './prisma.ts';
import { retryLost } from './retryLost.ts';
import { runStatement } from './runQuery.ts';
import { DatabaseSetupError } from './setupError.ts';
import { type Sql, textOf } from './sql.ts';

const oldestServerVersion = 150000;
/** After how much silence the system asks whether the other side of a connection is there. */
const keepAliveMs = 10_000;
/** How often connections that were lent for too long are looked for. */
const loanCheckMs = 1_000;

interface PostgresSettings {
  url: string;
  shares: ConnectionShares;
  operationTimeoutMs: number;
  answerTimeoutMs: number;
  migrationsDir: string;
  onQuery(text: string): void;
  onWarning(message: string, error: unknown): void;
}

/**
 * Connects to a PostgreSQL server: by the lanes, each with a pool, and by further connections of which one listens, one
 * reads the event log, and a few are pipelined.
 */
export async function openPostgres(settings: PostgresSettings): Promise<Database> {
  const connection: ClientConfig = {
    connectionString: settings.url,
    application_name: 'muster',
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveMs,
    connectionTimeoutMillis: 5_000,
    types: { getTypeParser },
  };
  await prepare(connection, settings);
  const { shares } = settings;
  const lanes = openLanes(connection, settings);
  const short = openShortLane(connection, settings, shares.short);
  // No lane looks after it.
  const logConnection = { ...connection, query_timeout: settings.answerTimeoutMs };
  const log = openPool(logConnection, settings, { name: 'log', max: 1, timeouts: timeouts(settings.answerTimeoutMs) });
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
  const prisma = createPrisma(new PrismaPg(prismaPool), settings.onQuery);
  const listeners = new Set<PostgresListener>();
  const checking = checkNowAndThen(lanes, short, connection, settings);
  const interrupt = () => {
    const reason = new WorkStoppedError('shutdown');
    for (const name of laneNames) lanes[name].interrupt(reason);
    short.interrupt(reason);
    // A read of the log is under nobody's deadline, and nobody needs it any more.
    log.cut();
  };
  return {
    kind: 'postgresql',
    prisma,
    sql,
    shortSql: { query: (statement, values) => retryLost(() => short.query(work(), statement, values)) },
    logSql: sqlOver(log, settings.onQuery),
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
      await Promise.all([...laneNames.map((name) => lanes[name].close()), log.end(), short.close()]);
    },
  };
}

/** Looks now and then for connections that were lent for too long, and whether the database is silent for all. */
function checkNowAndThen(
  lanes: Readonly<Record<LaneName, PostgresLane>>,
  short: ShortLane,
  connection: ClientConfig,
  settings: PostgresSettings,
): NodeJS.Timeout {
  const watch = new SilenceWatch(
    [...laneNames.map((name) => lanes[name]), short],
    () => isSilent(connection),
    () => settings.onWarning('the database answers nothing; statements that wait for it are given up', undefined),
  );
  return setInterval(() => {
    void watch.check(performance.now());
    for (const name of laneNames) lanes[name].cutLoans(performance.now());
  }, loanCheckMs).unref();
}

/** Brings the database to the migrations, on a connection without timeouts: a migration may take long. */
async function prepare(connection: ClientConfig, settings: PostgresSettings): Promise<void> {
  const client = new Client({ ...connection, application_name: 'muster migrations' });
  // A loss fails the statement under way, or else the next one.
  client.on('error', () => {});
  try {
    await client.connect();
    await openSession(client, noTimeouts);
    const sql = sqlOver(client, settings.onQuery);
    await refuseOldServer(sql);
    await migrate({ sql, script: async (text) => void (await client.query(text)) }, settings.migrationsDir);
  } finally {
    await closeClient(client);
  }
}

function openLanes(connection: ClientConfig, settings: PostgresSettings): Readonly<Record<LaneName, PostgresLane>> {
  const { shares } = settings;
  const lane = (name: LaneName) => {
    const laneTimeouts = timeoutsOf(name, settings.operationTimeoutMs);
    return new PostgresLane({
      name,
      pool: openPool(connection, settings, { name, max: shares[name], timeouts: laneTimeouts }),
      connections: shares[name],
      connection,
      longestLoanMs: laneTimeouts.loanMs,
      answerMs: laneTimeouts.answerMs,
      onQuery: settings.onQuery,
      onWarning: settings.onWarning,
    });
  };
  return {
    reports: lane('reports'),
    changes: lane('changes'),
    reads: lane('reads'),
    sweeps: lane('sweeps'),
    probes: lane('probes'),
  };
}

function openShortLane(connection: ClientConfig, settings: PostgresSettings, connections: number): ShortLane {
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
      client.once('connect', () => void openSession(client, shortTimeouts).catch(() => {}));
      return client;
    },
    connections,
    onQuery: settings.onQuery,
    onWarning: settings.onWarning,
  });
  return new ShortLane(pipeline, connections);
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
    onConnect: (client: ClientBase) => openSession(client, part.timeouts),
  };
  return createPool(config, settings.onWarning);
}

/** Parses `bigint` as a number, as PGlite does; everything else as the driver does by default. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  if (oid === types.builtins.INT8) return Number;
  return types.getTypeParser(oid, format as 'text');
}

async function refuseOldServer(sql: Sql): Promise<void> {
  const [row] = await sql.query<{ number: number; version: string }>(
    `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version`,
  );
  if (row && row.number < oldestServerVersion) {
    throw new DatabaseSetupError(`DATABASE_URL: expected PostgreSQL 15 or later, the server is ${row.version}`);
  }
}

function sqlOver(connection: Pool | Client, onQuery: (text: string) => void): Sql {
  return {
    query: (statement, values = []) => {
      onQuery(textOf(statement));
      return runStatement(connection, statement, values);
    },
  };
}
