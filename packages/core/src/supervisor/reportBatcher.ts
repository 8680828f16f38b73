import { type Database, isDatabaseUnavailable } from '@muster/db';
import type { Settings } from '../settings.ts';
import { type PublishAnswer, publishReports, type ReportedPluginRow, type ReportRow } from '../sql/publishReports.ts';
import { newNonce } from './secret.ts';

/** Reports, and plugins in them, that go into one statement at the most. */
const maxReports = 100;
const maxPlugins = 5_000;
/** Statements at a time: one in the database while the next one fills. PGlite runs one at a time anyhow. */
const maxStatements = 2;

/**
 * Takes reports to the database. Those that come together, or while statements are under way, share one: a report
 * waits for no timer, only for a turn. Each gets its own answer, or its own error.
 */
export interface ReportBatcher {
  take(report: ReportRow, plugins: ReportedPluginRow[]): Promise<PublishAnswer>;
  /** Statements run and reports taken so far, for monitoring. */
  readonly statements: number;
  readonly reports: number;
}

export interface ReportBatcherOptions {
  db: Database;
  settings: Settings;
  clockOffsetMs: () => number;
}

interface Waiting {
  /** Names the supervisor. */
  readonly identity: string;
  readonly report: ReportRow;
  readonly plugins: ReportedPluginRow[];
  readonly answer: PromiseWithResolvers<PublishAnswer>;
}

function settle(batch: Waiting[], answers: Map<number, PublishAnswer>): void {
  for (const [index, { answer }] of batch.entries()) {
    const own = answers.get(index);
    if (own) answer.resolve(own);
    else answer.reject(new Error('a report got no answer'));
  }
}

function reject(batch: Waiting[], error: unknown): void {
  for (const { answer } of batch) answer.reject(error);
}

export function createReportBatcher({ db, settings, clockOffsetMs }: ReportBatcherOptions): ReportBatcher {
  let waiting: Waiting[] = [];
  /** The supervisors whose reports are in the database just now. */
  const underWay = new Set<string>();
  let running = 0;
  let scheduled = false;
  let statements = 0;
  let reports = 0;

  function schedule(): void {
    if (scheduled || running >= maxStatements || waiting.length === 0) return;
    scheduled = true;
    // After the input that has arrived in this turn, which may bring more reports.
    setImmediate(() => {
      scheduled = false;
      const batch = nextBatch();
      // All that wait do so for a report of their own supervisor; its end looks here again.
      if (batch.length === 0) return;
      running += 1;
      void runBatch(batch).finally(() => {
        running -= 1;
        for (const { identity } of batch) underWay.delete(identity);
        schedule();
      });
      schedule();
    });
  }

  /** The longest waiting first; a further report of one supervisor waits until the one before it has been taken. */
  function nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    const passedOver = new Set<string>();
    let plugins = 0;
    for (const next of waiting) {
      const fits = batch.length < maxReports && (batch.length === 0 || plugins + next.plugins.length <= maxPlugins);
      if (!fits || underWay.has(next.identity) || passedOver.has(next.identity)) {
        passedOver.add(next.identity);
        rest.push(next);
        continue;
      }
      underWay.add(next.identity);
      plugins += next.plugins.length;
      batch.push(next);
    }
    waiting = rest;
    return batch;
  }

  /** One report must not fail the others: after a failure each is tried by itself, and gets its own error. */
  async function runBatch(batch: Waiting[]): Promise<void> {
    try {
      settle(batch, await run(batch));
    } catch (error) {
      if (batch.length === 1 || isDatabaseUnavailable(error)) reject(batch, error);
      else await runSingly(batch);
    }
  }

  async function runSingly(batch: Waiting[]): Promise<void> {
    for (const [place, single] of batch.entries()) {
      try {
        settle([single], await run([single]));
      } catch (error) {
        // No use in each of the rest finding out for itself, which may take seconds.
        if (isDatabaseUnavailable(error)) return reject(batch.slice(place), error);
        single.answer.reject(error);
      }
    }
  }

  async function run(batch: Waiting[]): Promise<Map<number, PublishAnswer>> {
    statements += 1;
    const answers = await publishReports(
      db.sql,
      batch.map(({ report }, index) => ({ ...report, index })),
      batch.flatMap(({ plugins }, index) => plugins.map((plugin) => ({ ...plugin, index }))),
      {
        clockOffsetMs: clockOffsetMs(),
        provisioningDeadlineMs: settings.provisioningDeadlineSeconds * 1000,
        missingReports: settings.missingReports,
        missingMs: settings.missingSeconds * 1000,
        duplicateQuietMs: settings.duplicateQuietSeconds * 1000,
      },
      newNonce(),
    );
    return new Map(answers.map((answer) => [answer.index, answer]));
  }

  return {
    take: (report, plugins) => {
      reports += 1;
      const answer = Promise.withResolvers<PublishAnswer>();
      waiting.push({ identity: `${report.domainId} ${report.hostname}`, report, plugins, answer });
      schedule();
      return answer.promise;
    },
    get statements() {
      return statements;
    },
    get reports() {
      return reports;
    },
  };
}
