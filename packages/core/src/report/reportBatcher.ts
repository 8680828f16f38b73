import { type Database, databaseFailureOf, isLockNotAvailable, ownWork } from '@muster/db';
import { hostnameKey } from '../base/hostname.ts';
import type { Settings } from '../base/settings.ts';
import { attemptPolicyOf } from '../plugin/sql/nextAttempt.ts';
import { type BatchClock, BatchPace } from './batchPace.ts';
import { RecentlySettled } from './recentlySettled.ts';
import { createReportDigest } from './reportDigest.ts';
import { type Queued, ReportQueue } from './reportQueue.ts';
import { type PublishAnswer, publishReports, type ReportBatch } from './sql/publishReports.ts';
import { renewSettled } from './sql/renewSettled.ts';
import type { NewReport, NewReportedPlugin, ReportRow } from './sql/reportRow.ts';

/** The most reports of one statement, and the plugins in them after which it takes no further report. */
const maxReports = 100;
const batchSize = { reports: maxReports, plugins: 1_000 };
/** Statements at a time: two of a domain, and one that is left to others. PGlite runs one at a time anyhow. */
const maxStatements = 3;
/** Statements of blocked reports at a time, beside all others. */
const maxBlockedStatements = 2;
/**
 * How long a statement waits for a row that another transaction holds: a statement that many reports share, that of a
 * single report while others wait, and that of a blocked report. Each is far longer than a short transaction takes.
 */
const lockWaitsMs = { shared: 100, single: 10, blocked: 1_000 } as const;

/** The parts that a batcher works with. */
export interface ReportBatcherOptions {
  readonly db: Pick<Database, 'sql' | 'currentWork' | 'runAs'>;
  readonly settings: Settings;
  readonly clockOffsetMs: () => number;
  /** The clock that batches wait by. Default: the process's own clock. */
  readonly clock?: BatchClock;
}

interface QueuedReport extends Queued {
  readonly report: NewReport;
  readonly plugins: readonly NewReportedPlugin[];
  /** Null where it says nothing of plugins. */
  readonly digest: string | null;
  readonly answer: PromiseWithResolvers<PublishAnswer>;
}

/**
 * Writes reports to the database in batches: reports that come together, fast one after another (batchPace.ts), or while
 * statements are under way, share one. Each gets its own answer or error. Those that are known to change nothing write
 * their leases alone (L2). A report whose supervisor's or plugins' rows a long transaction holds is blocked: it waits in a
 * line apart, and holds up no other.
 */
export class ReportBatcher {
  readonly #options: ReportBatcherOptions;
  /** Statements belong to no agent's operation: they are shared. */
  readonly #work = ownWork('reports');
  readonly #queue = new ReportQueue<QueuedReport>();
  readonly #pace: BatchPace;
  readonly #settled = new RecentlySettled();
  readonly #digestOf: ReturnType<typeof createReportDigest>;
  readonly #blockedReports = new Set<QueuedReport>();
  #statements = 0;
  #reports = 0;
  /** How long a statement takes, lately. */
  #meanMs = 1;

  readonly #shared = new BatchRunner<QueuedReport>({
    width: maxStatements,
    takeBatch: () => this.#takeShared(),
    run: (batch) => this.#runShared(batch),
    defer: (start) => this.#pace.defer(start, () => this.#isReady()),
  });

  /** By turns, so that no report waits for the rows of another. */
  readonly #blocked = new BatchRunner<QueuedReport>({
    width: maxBlockedStatements,
    takeBatch: () => this.#takeBlocked(),
    run: (batch) => this.#runBlocked(batch),
    defer: (start) => start(),
  });

  constructor(options: ReportBatcherOptions) {
    this.#options = options;
    this.#pace = new BatchPace(options.clock);
    this.#digestOf = createReportDigest(options.settings);
  }

  /** Statements run so far, for monitoring. */
  get statements(): number {
    return this.#statements;
  }

  /** Reports taken so far, for monitoring. */
  get reports(): number {
    return this.#reports;
  }

  /** Reports that wait to be written, for monitoring. */
  get waiting(): number {
    return this.#queue.length + this.#blockedReports.size;
  }

  /**
   * Writes a report to the database, and resolves with its answer. When the operation is stopped, a report that waits is
   * dropped; one that is being written is written.
   *
   * @throws QueueFullError, WorkStoppedError
   */
  async take(report: NewReport, plugins: readonly NewReportedPlugin[]): Promise<PublishAnswer> {
    const work = this.#options.db.currentWork();
    if (work.stopped) throw work.stopped;
    const { domainId, hostname } = report;
    const queued: QueuedReport = {
      domainId,
      credential: work.credential,
      identity: `${domainId} ${hostnameKey(hostname)}`,
      report,
      plugins,
      digest: report.hasPlugins ? this.#digestOf(plugins) : null,
      answer: Promise.withResolvers<PublishAnswer>(),
    };
    const stop = (reason: Error) => this.#drop(queued, reason);
    this.#queue.add(queued, () => this.#retryAfterMs());
    this.#reports += 1;
    this.#pace.arrived();
    work.onStop(stop);
    if (this.#queue.isReady) this.#shared.start();
    try {
      return await queued.answer.promise;
    } finally {
      work.offStop(stop);
    }
  }

  #drop(queued: QueuedReport, reason: Error): void {
    queued.answer.reject(reason);
    if (this.#blockedReports.delete(queued)) this.#queue.release(queued.identity);
    else this.#queue.remove(queued);
    this.#shared.start();
  }

  #retryAfterMs(): number {
    const statements = this.#queue.length / maxReports / maxStatements;
    return Math.round(Math.min(10_000, Math.max(100, statements * this.#meanMs)));
  }

  /** A batch that is full, and a lone report while no statement is under way, wait for no others. */
  #isReady(): boolean {
    const waiting = this.#queue.length;
    return waiting >= maxReports || !this.#queue.isReady || (waiting === 1 && !this.#shared.isRunning);
  }

  #takeShared(): readonly QueuedReport[] {
    const batch = this.#queue.takeBatch(batchSize);
    if (batch.length > 0) this.#pace.started();
    return batch;
  }

  async #runShared(batch: readonly QueuedReport[]): Promise<void> {
    const others = await this.#renew(batch);
    const blocked =
      others.length > 1 ? await this.#runBatch(others) : await this.#runSingly(others, lockWaitsMs.shared);
    this.#queue.endBatch(batch);
    this.#release(batch, blocked);
  }

  async #runBlocked(batch: readonly QueuedReport[]): Promise<void> {
    this.#release(batch, await this.#runSingly(batch, lockWaitsMs.blocked));
    this.#shared.start();
  }

  #takeBlocked(): readonly QueuedReport[] {
    const [first] = this.#blockedReports;
    if (!first) return [];
    this.#blockedReports.delete(first);
    return [first];
  }

  /** Lets the next reports of the supervisors be taken, except where the report before is blocked. */
  #release(batch: readonly QueuedReport[], blocked: readonly QueuedReport[]): void {
    for (const queued of batch) {
      if (blocked.includes(queued)) this.#blockedReports.add(queued);
      else this.#queue.release(queued.identity);
    }
    this.#blocked.start();
  }

  /**
   * Answers the reports of a batch that change nothing but their leases (L2).
   *
   * @returns the others
   */
  async #renew(batch: readonly QueuedReport[]): Promise<readonly QueuedReport[]> {
    const asked = batch.filter(({ identity, digest }) => digest === null || this.#settled.mayBe(identity, digest));
    if (asked.length === 0) return batch;
    const { db, clockOffsetMs } = this.#options;
    try {
      const renewed = await this.#run(() => renewSettled(db.sql, asked.map(rowOf), clockOffsetMs()));
      const answers = renewed.map((each): PublishAnswer => {
        return { ...each, status: 'ACCEPTED', refusedPlugins: null, settled: true };
      });
      const answered = this.#settle(asked, answers);
      return batch.filter((queued) => !answered.has(queued));
    } catch (error) {
      // The statement of all reports tells whose error it is.
      if (isLockNotAvailable(error) || databaseFailureOf(error) === null) return batch;
      reject(batch, error);
      return [];
    }
  }

  /**
   * Runs a batch in one statement. One report must not fail the others: after a failure each is run by itself, and gets
   * its own error.
   *
   * @returns the blocked reports, which have no answer yet.
   */
  async #runBatch(batch: readonly QueuedReport[]): Promise<readonly QueuedReport[]> {
    try {
      await this.#publish(batch, lockWaitsMs.shared);
      return [];
    } catch (error) {
      if (isLockNotAvailable(error) || databaseFailureOf(error) === null)
        return this.#runSingly(batch, lockWaitsMs.single);
      reject(batch, error);
      return [];
    }
  }

  /** Runs each report in a separate statement, one after another. @returns the blocked reports. */
  async #runSingly(batch: readonly QueuedReport[], lockWaitMs: number): Promise<readonly QueuedReport[]> {
    const blocked: QueuedReport[] = [];
    for (const [position, queued] of batch.entries()) {
      try {
        await this.#publish([queued], lockWaitMs);
      } catch (error) {
        // Where the database is away, the rest would fail too, and each might take seconds to find out.
        if (isLockNotAvailable(error)) {
          blocked.push(queued);
        } else if (databaseFailureOf(error) === null) {
          queued.answer.reject(error);
        } else {
          reject([...blocked, ...batch.slice(position)], error);
          return [];
        }
      }
    }
    return blocked;
  }

  async #publish(batch: readonly QueuedReport[], lockWaitMs: number): Promise<void> {
    const { db, settings, clockOffsetMs } = this.#options;
    const statement = {
      reports: batch.map(rowOf),
      plugins: batch.flatMap(({ plugins }, index) => plugins.map((plugin) => ({ ...plugin, index }))),
      ...publishPolicy(settings, clockOffsetMs()),
      lockWaitMs,
    };
    const answered = this.#settle(batch, await this.#run(() => publishReports(db.sql, statement)));
    reject(
      batch.filter((queued) => !answered.has(queued)),
      new Error('a report got no answer'),
    );
  }

  /** Answers reports of a batch, and keeps in mind which are settled. @returns the answered ones */
  #settle(batch: readonly QueuedReport[], answers: readonly PublishAnswer[]): ReadonlySet<QueuedReport> {
    const answered = new Set<QueuedReport>();
    for (const answer of answers) {
      const queued = batch[answer.index];
      if (!queued) throw new Error(`expected an answer to one of ${batch.length} reports; got that to ${answer.index}`);
      if (queued.digest !== null) this.#settled.note(queued.identity, answer.settled ? queued.digest : null);
      queued.answer.resolve(answer);
      answered.add(queued);
    }
    return answered;
  }

  async #run<Answer>(statement: () => Promise<Answer>): Promise<Answer> {
    this.#statements += 1;
    const startedAtMs = performance.now();
    const answer = await this.#options.db.runAs(this.#work, statement);
    this.#meanMs += (performance.now() - startedAtMs - this.#meanMs) / 16;
    return answer;
  }
}

/** The times, the quotas and the policy by which reports are judged. */
export function publishPolicy(
  settings: Settings,
  clockOffsetMs: number,
): Pick<ReportBatch, 'times' | 'quotas' | 'attempts'> {
  return {
    times: {
      clockOffsetMs,
      provisioningDeadlineMs: settings.provisioningDeadlineSeconds * 1000,
      missingReports: settings.missingReports,
      missingMs: settings.missingSeconds * 1000,
      duplicateQuietMs: settings.duplicateQuietSeconds * 1000,
    },
    quotas: {
      supervisorQuota: settings.quotas.supervisors,
      newcomerQuota: settings.quotas.newcomers,
      pluginQuota: settings.quotas.plugins,
    },
    attempts: attemptPolicyOf(settings),
  };
}

function rowOf({ report, digest }: QueuedReport, index: number): ReportRow {
  return { ...report, index, digest };
}

function reject(batch: readonly QueuedReport[], error: unknown): void {
  for (const { answer } of batch) answer.reject(error);
}

/** How batches are run. */
interface RunnerOptions<Item> {
  /** How many batches run at a time. */
  readonly width: number;
  /** Takes the next batch; empty where none may start now. */
  readonly takeBatch: () => readonly Item[];
  /** Runs a batch; must not reject. */
  readonly run: (batch: readonly Item[]) => Promise<void>;
  /** Calls back when the next batch may be taken. */
  readonly defer: (start: () => void) => void;
}

/** Runs batches, a bounded number at a time. */
class BatchRunner<Item> {
  readonly #options: RunnerOptions<Item>;
  #running = 0;
  #isScheduled = false;

  constructor(options: RunnerOptions<Item>) {
    this.#options = options;
  }

  /** Whether a batch is being run. */
  get isRunning(): boolean {
    return this.#running > 0;
  }

  /** Starts batches as far as there is room; to be called when items may start that could not before. */
  start(): void {
    const { width, defer, takeBatch, run } = this.#options;
    if (this.#isScheduled || this.#running >= width) return;
    this.#isScheduled = true;
    defer(() => {
      this.#isScheduled = false;
      const batch = takeBatch();
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
