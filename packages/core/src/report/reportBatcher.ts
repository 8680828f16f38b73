import { type Database, isDatabaseUnavailable, isLockNotAvailable } from '@muster/db';
import type { Settings } from '../base/settings.ts';
import { type PublishAnswer, publishReports } from './sql/publishReports.ts';
import type { NewReport, NewReportedPlugin } from './sql/reportRow.ts';

/** The most reports, and plugins in them, of one statement. */
const maxReports = 100;
const maxPlugins = 5_000;
/** Statements at a time: one in the database while the next one fills. PGlite runs one at a time anyhow. */
const maxStatements = 2;
/** Statements of blocked reports at a time, beside all others. */
const maxBlockedStatements = 2;
/**
 * How long a statement waits for a row that another transaction holds: a statement that many reports share, that of a
 * single report while others wait, and that of a blocked report. Each is far longer than a short transaction takes.
 */
const lockWaitsMs = { shared: 100, single: 10, blocked: 1_000 } as const;

/** The parts that a batcher works with. */
export interface ReportBatcherOptions {
  readonly db: Pick<Database, 'sql'>;
  readonly settings: Settings;
  readonly clockOffsetMs: () => number;
}

interface QueuedReport {
  /** Names the supervisor. */
  readonly identity: string;
  readonly report: NewReport;
  readonly plugins: readonly NewReportedPlugin[];
  readonly answer: PromiseWithResolvers<PublishAnswer>;
}

/**
 * Writes reports to the database in batches: reports that come together, or while statements are under way, share one.
 * A report waits for no timer, only for a turn, and gets its own answer or error. A report whose supervisor's or
 * plugins' rows a long transaction holds is blocked: it waits in a lane apart, and holds up no other.
 */
export class ReportBatcher {
  readonly #options: ReportBatcherOptions;
  /** The supervisors with a report in the database, or blocked. */
  readonly #underWay = new Set<string>();
  #statements = 0;
  #reports = 0;

  /** The next batch is taken after the input of this turn, which may bring more reports. */
  readonly #shared = new Lane<QueuedReport>({
    width: maxStatements,
    takeBatch: (queue) => this.#takeBatch(queue),
    run: (batch) => this.#runShared(batch),
    defer: setImmediate,
  });

  /** By turns, so that no report waits for the rows of another. */
  readonly #blocked = new Lane<QueuedReport>({
    width: maxBlockedStatements,
    takeBatch: (queue) => queue.splice(0, 1),
    run: (batch) => this.#runBlocked(batch),
    defer: (start) => start(),
  });

  constructor(options: ReportBatcherOptions) {
    this.#options = options;
  }

  /** Statements run so far, for monitoring. */
  get statements(): number {
    return this.#statements;
  }

  /** Reports taken so far, for monitoring. */
  get reports(): number {
    return this.#reports;
  }

  /** Writes a report to the database, and resolves with its answer. */
  take(report: NewReport, plugins: readonly NewReportedPlugin[]): Promise<PublishAnswer> {
    this.#reports += 1;
    const answer = Promise.withResolvers<PublishAnswer>();
    this.#shared.add({ identity: `${report.domainId} ${report.hostname}`, report, plugins, answer });
    return answer.promise;
  }

  /** The longest waiting reports; a further report of one supervisor waits until the report before has been taken. */
  #takeBatch(queue: QueuedReport[]): QueuedReport[] {
    const batch: QueuedReport[] = [];
    const passedOver = new Set<string>();
    let plugins = 0;
    const rest = queue.splice(0).filter((next) => {
      const fits = batch.length < maxReports && (batch.length === 0 || plugins + next.plugins.length <= maxPlugins);
      if (!fits || this.#underWay.has(next.identity) || passedOver.has(next.identity)) {
        passedOver.add(next.identity);
        return true;
      }
      this.#underWay.add(next.identity);
      plugins += next.plugins.length;
      batch.push(next);
      return false;
    });
    queue.push(...rest);
    return batch;
  }

  async #runShared(batch: readonly QueuedReport[]): Promise<void> {
    const blocked = batch.length === 1 ? await this.#runSingly(batch, lockWaitsMs.shared) : await this.#runBatch(batch);
    this.#release(batch, blocked);
  }

  async #runBlocked(batch: readonly QueuedReport[]): Promise<void> {
    this.#release(batch, await this.#runSingly(batch, lockWaitsMs.blocked));
    this.#shared.start();
  }

  /** Lets the next reports of the supervisors be taken, except where the report before is blocked. */
  #release(batch: readonly QueuedReport[], blocked: readonly QueuedReport[]): void {
    for (const queued of batch) if (!blocked.includes(queued)) this.#underWay.delete(queued.identity);
    this.#blocked.add(...blocked);
  }

  /**
   * Runs a batch in one statement. One report must not fail the others: after a failure each is run by itself, and gets
   * its own error.
   *
   * @returns the blocked reports, which have no answer yet.
   */
  async #runBatch(batch: readonly QueuedReport[]): Promise<readonly QueuedReport[]> {
    try {
      settle(batch, await this.#publish(batch, lockWaitsMs.shared));
      return [];
    } catch (error) {
      if (!isDatabaseUnavailable(error)) return this.#runSingly(batch, lockWaitsMs.single);
      reject(batch, error);
      return [];
    }
  }

  /** Runs each report in a separate statement, one after another. @returns the blocked reports. */
  async #runSingly(batch: readonly QueuedReport[], lockWaitMs: number): Promise<readonly QueuedReport[]> {
    const blocked: QueuedReport[] = [];
    for (const [position, queued] of batch.entries()) {
      try {
        settle([queued], await this.#publish([queued], lockWaitMs));
      } catch (error) {
        // The rest would fail too, and each might take seconds to find out.
        if (isDatabaseUnavailable(error)) {
          reject([...blocked, ...batch.slice(position)], error);
          return [];
        }
        if (isLockNotAvailable(error)) blocked.push(queued);
        else queued.answer.reject(error);
      }
    }
    return blocked;
  }

  async #publish(batch: readonly QueuedReport[], lockWaitMs: number): Promise<ReadonlyMap<number, PublishAnswer>> {
    this.#statements += 1;
    const { db, settings, clockOffsetMs } = this.#options;
    const answers = await publishReports(db.sql, {
      reports: batch.map(({ report }, index) => ({ ...report, index })),
      plugins: batch.flatMap(({ plugins }, index) => plugins.map((plugin) => ({ ...plugin, index }))),
      times: {
        clockOffsetMs: clockOffsetMs(),
        provisioningDeadlineMs: settings.provisioningDeadlineSeconds * 1000,
        missingReports: settings.missingReports,
        missingMs: settings.missingSeconds * 1000,
        duplicateQuietMs: settings.duplicateQuietSeconds * 1000,
      },
      lockWaitMs,
    });
    return new Map(answers.map((answer) => [answer.index, answer]));
  }
}

function settle(batch: readonly QueuedReport[], answers: ReadonlyMap<number, PublishAnswer>): void {
  for (const [index, { answer }] of batch.entries()) {
    const own = answers.get(index);
    if (own) answer.resolve(own);
    else answer.reject(new Error('a report got no answer'));
  }
}

function reject(batch: readonly QueuedReport[], error: unknown): void {
  for (const { answer } of batch) answer.reject(error);
}

/** How a lane takes and runs batches. */
interface LaneOptions<Item> {
  /** How many batches run at a time. */
  readonly width: number;
  /** Takes the next batch out of the queue, the longest waiting items first; empty where none of them may start now. */
  readonly takeBatch: (queue: Item[]) => readonly Item[];
  /** Runs a batch; must not reject. */
  readonly run: (batch: readonly Item[]) => Promise<void>;
  /** Calls back when the next batch may be taken. */
  readonly defer: (start: () => void) => void;
}

/** A queue of items, and the batches of them that run, a bounded number at a time. */
class Lane<Item> {
  readonly #options: LaneOptions<Item>;
  readonly #queue: Item[] = [];
  #running = 0;
  #isScheduled = false;

  constructor(options: LaneOptions<Item>) {
    this.#options = options;
  }

  /** Queues items, and starts batches as far as there is room. */
  add(...items: readonly Item[]): void {
    this.#queue.push(...items);
    this.start();
  }

  /** Starts batches as far as there is room; to be called when items may start that could not before. */
  start(): void {
    const { width, defer, takeBatch, run } = this.#options;
    if (this.#isScheduled || this.#running >= width || this.#queue.length === 0) return;
    this.#isScheduled = true;
    defer(() => {
      this.#isScheduled = false;
      const batch = takeBatch(this.#queue);
      if (batch.length === 0) return;
      this.#running += 1;
      void run(batch).then(() => {
        this.#running -= 1;
        this.start();
      });
      this.start();
    });
  }
}
