import { setTimeout as delay } from 'node:timers/promises';
import type { ClientConfig } from 'pg';
import { readMigrations } from '../migrations/folder.ts';
import { lackingMigrations } from '../migrations/history.ts';
import { migrate } from '../migrations/migrate.ts';
import type { Sql } from '../sql.ts';
import type { DatabaseTarget } from './databaseTarget.ts';
import { explainFailure } from './explainFailure.ts';
import { refuseFailures } from './finding.ts';
import { proveSessions } from './proveSessions.ts';
import { checkMayMigrate, checkSession, readSessionFacts } from './sessionChecks.ts';
import { DatabaseSetupError } from './setupError.ts';
import { openSetupClient, withSetupSession } from './setupSession.ts';
import { createSteps, type Steps } from './steps.ts';

/** The parameters of a start on either database. */
export interface StartOptions {
  /** The folder of the migrations. */
  readonly migrationsDir: string;
  /** Whether migrations that are lacking are applied. */
  readonly migrate: boolean;
  /** How long a database that is away is waited for, in milliseconds. */
  readonly startTimeoutMs: number;
  /** How many connections are opened to see that as many can be, and what they are (O3); 0: none. */
  readonly proveConnections: number;
  /** Ends the start. */
  readonly signal: AbortSignal | undefined;
  onQuery(text: string): void;
  /** Called with each step of the start. */
  onStep(message: string): void;
  /** Called with each step that takes long, and each try that failed. */
  onDelay(message: string): void;
  onWarning(message: string, error: unknown): void;
}

/** How long after a try to use the database the next one follows, in milliseconds. */
const retryMs = 1_000;
/** The interval of lines about a database that is waited for, in milliseconds. */
const tellMs = 10_000;

/**
 * Connects, checks the set-up and brings the database to the migrations, on a connection without timeouts: a migration may
 * take long. With the database away, it waits (O8).
 *
 * @throws DatabaseSetupError that says what to change (O11)
 */
export async function prepareDatabase(
  connection: ClientConfig,
  target: DatabaseTarget,
  options: StartOptions,
): Promise<void> {
  const { signal, onStep, onDelay } = options;
  const startedAt = performance.now();
  let toldAt = Number.NEGATIVE_INFINITY;
  onStep(`connecting to the database "${target.database}" at ${target.server}`);
  for (;;) {
    const failure = await attempt(connection, target, options);
    signal?.throwIfAborted();
    if (failure === undefined) return;
    const leftMs = startedAt + options.startTimeoutMs - performance.now();
    const mayPass = failure instanceof DatabaseSetupError && failure.mayPass;
    if (!mayPass || leftMs <= 0) throw failure;
    if (performance.now() - toldAt >= tellMs) {
      toldAt = performance.now();
      onDelay(`waiting for the database, for up to ${Math.ceil(leftMs / 1_000)} s more: ${failure.message}`);
    }
    await delay(Math.min(retryMs, leftMs), undefined, { signal });
  }
}

/** Tries once; returns the error, explained. */
async function attempt(connection: ClientConfig, target: DatabaseTarget, options: StartOptions): Promise<unknown> {
  try {
    await prepare(connection, target, options);
    return undefined;
  } catch (error) {
    return explainFailure(error, target);
  }
}

async function prepare(connection: ClientConfig, target: DatabaseTarget, options: StartOptions): Promise<void> {
  const { onStep, onDelay, onQuery, onWarning, signal } = options;
  const warn = (message: string) => onWarning(message, undefined);
  const steps = createSteps(onDelay);
  await withSetupSession(connection, target, { steps, signal, onQuery }, async (client, sql) => {
    const facts = await readSessionFacts(sql, target.schema);
    refuseFailures(checkSession(facts, target), warn);
    onStep(`the database is PostgreSQL ${facts.version}, the schema "${facts.currentSchema}"`);
    await refuseMixedSessions(connection, target, options, steps);
    const areLacking = await lacksMigrations(sql, options.migrationsDir);
    if (areLacking && options.migrate) refuseFailures([checkMayMigrate(facts, target)], warn);
    await migrate(
      { sql, script: async (text) => void (await client.query(text)) },
      { folder: options.migrationsDir, apply: options.migrate, steps, signal, onStep, onDelay },
    );
    // There may be new tables.
    if (areLacking) refuseFailures(checkSession(await readSessionFacts(sql, target.schema), target), () => {});
  });
}

/** Whether migrations are lacking, by a first look: what is wrong with the history is found under the lock. */
async function lacksMigrations(sql: Sql, migrationsDir: string): Promise<boolean> {
  const lacking = await lackingMigrations(sql, await readMigrations(migrationsDir)).catch(() => []);
  return lacking.length > 0;
}

async function refuseMixedSessions(
  connection: ClientConfig,
  target: DatabaseTarget,
  { proveConnections, onWarning }: StartOptions,
  steps: Steps,
): Promise<void> {
  if (proveConnections === 0) return;
  const prove = () => proveSessions(() => openSetupClient(connection, target), proveConnections, target);
  const finding = await steps.run(`opening ${proveConnections} connections at once`, prove);
  refuseFailures([finding], (message) => onWarning(message, undefined));
}
