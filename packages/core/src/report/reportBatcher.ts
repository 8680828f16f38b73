import { type Database, isDatabaseUnavailable } from '@muster/db';
import type { Settings } from '../base/settings.ts';
import { newNonce } from './secret.ts';
import {
  isRowHeld,
  type PublishAnswer,
  publishReports,
  type ReportedPluginRow,
  type ReportRow,
} from './sql/publishReports.ts';

/** Reports, and plugins in them, that go into one statement at the most. */
const maxReports = 100;
const maxPlugins = 5_000;
/** Statements at a time: one in the database while the next one fills. PGlite runs one at a time anyhow. */
const maxStatements = 2;
/**
 * How long a statement waits for a row that another transaction holds: one that many reports share, a single report's
 * that others wait for, and one of a report that was held up so. Each is far above what a short transaction takes.
 */
const lockWaitsMs = { shared: 100, single: 10, heldUp: 1_000 } as const;
/** Statements of reports that are held up, at a time, beside all others. */
const maxHeldUpStatements = 2;

/**
 * Takes reports to the database. Those that come together, or while statements are under way, share one: a report
 * waits for no timer, only for a turn. Each gets its own answer, or its own error. One whose supervisor's or plugins' rows
 * a long transaction holds waits by itself until it has them, and holds up no other.
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
  /** Those whose rows others hold; they are under way all the time. */
  const heldUp: Waiting[] = [];
  let heldUpRunning = 0;
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
      void runBatch(batch).then((held) => {
        running -= 1;
        for (const each of batch) if (!held.includes(each)) underWay.delete(each.identity);
        heldUp.push(...held);
        runHeldUp();
        schedule();
      });
      schedule();
    });
  }

  /** By turns, so that none waits for the rows of another. */
  function runHeldUp(): void {
    const next = heldUpRunning < maxHeldUpStatements && heldUp.shift();
    if (!next) return;
    heldUpRunning += 1;
    void runSingly([next], lockWaitsMs.heldUp).then((held) => {
      heldUpRunning -= 1;
      if (held.length === 0) underWay.delete(next.identity);
      heldUp.push(...held);
      runHeldUp();
      schedule();
    });
    runHeldUp();
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

  /**
   * One report must not fail the others: after a failure each is tried by itself, and gets its own error.
   *
   * @returns those that have no answer yet, since others hold their rows.
   */
  async function runBatch(batch: Waiting[]): Promise<Waiting[]> {
    if (batch.length === 1) return runSingly(batch, lockWaitsMs.shared);
    try {
      settle(batch, await run(batch, lockWaitsMs.shared));
      return [];
    } catch (error) {
      if (!isDatabaseUnavailable(error)) return runSingly(batch, lockWaitsMs.single);
      reject(batch, error);
      return [];
    }
  }

  async function runSingly(batch: Waiting[], lockWaitMs: number): Promise<Waiting[]> {
    const held: Waiting[] = [];
    for (const [place, single] of batch.entries()) {
      try {
        settle([single], await run([single], lockWaitMs));
      } catch (error) {
        // No use in each of the rest finding out for itself, which may take seconds.
        if (isDatabaseUnavailable(error)) {
          reject([...held, ...batch.slice(place)], error);
          return [];
        }
        if (isRowHeld(error)) held.push(single);
        else single.answer.reject(error);
      }
    }
    return held;
  }

  async function run(batch: Waiting[], lockWaitMs: number): Promise<Map<number, PublishAnswer>> {
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
      lockWaitMs,
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
