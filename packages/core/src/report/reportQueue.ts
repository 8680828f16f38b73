import { QueueFullError, type Turn, Turns } from '@muster/db';

/** Reports, and plugins in them, of one domain that may wait: those of a fleet, all at once. */
const maxWaiting = 20_000;
const maxWaitingPlugins = 400_000;
/** Reports of one supervisor that may wait; an agent sends one at a time. */
const maxWaitingOfSupervisor = 20;
/** Reports that a batch may pass over, since they are too large for the rest of it. */
const maxTooLarge = 2;
/** Batches of one domain under way at a time, while no other waits: one in the database while the next one fills. */
const maxBatchesOfDomain = 2;
/** Plugins that cost as much to write as a report without plugins. */
const pluginsPerPoint = 4;

/** A report that waits, as far as the queue knows it. */
export interface Queued {
  readonly domainId: string;
  /** Tells apart those who send reports for the domain. */
  readonly credential: string;
  /** Names the supervisor. */
  readonly identity: string;
  readonly plugins: readonly unknown[];
  /** While it waits for a turn; for the queue alone. */
  turn?: Turn | undefined;
}

/** As many reports as one statement takes. */
export interface BatchSize {
  readonly reports: number;
  readonly plugins: number;
}

class ReportTurn<Report extends Queued> implements Turn {
  readonly report: Report;
  readonly tenant: string;
  readonly credential: string;
  readonly weight: number;
  readonly size = 1;
  readonly load = 1;

  constructor(report: Report) {
    this.report = report;
    this.tenant = report.domainId;
    this.credential = report.credential;
    this.weight = 1 + Math.floor(report.plugins.length / pluginsPerPoint);
  }

  start(): void {}
}

/** The reports of a domain that wait. */
interface Waiting {
  reports: number;
  plugins: number;
}

/**
 * Reports that wait to be written: domains are served by turns, so that the fleet of one holds up no other's (W4). A
 * further report of one supervisor waits until the report before has been written.
 */
export class ReportQueue<Report extends Queued> {
  /** Domains are bounded here, with the reports that are not in it yet. */
  readonly #turns = new Turns<ReportTurn<Report>>({
    running: 0,
    runningPerTenant: Number.POSITIVE_INFINITY,
    runningPerCredential: Number.POSITIVE_INFINITY,
    waitingPerTenant: Number.POSITIVE_INFINITY,
    waitingPerCredential: Number.POSITIVE_INFINITY,
  });
  /** The supervisors with a report that waits for a turn or is being written, and their further reports. */
  readonly #supervisors = new Map<string, Report[]>();
  /** Reports whose turn came when a batch had no room for them. */
  readonly #tooLarge: ReportTurn<Report>[] = [];
  readonly #waiting = new Map<string, Waiting>();
  /** How many batches with reports of a domain are under way. */
  readonly #underWay = new Map<string, number>();

  /** How many reports wait. */
  get length(): number {
    let sum = 0;
    for (const { reports } of this.#waiting.values()) sum += reports;
    return sum;
  }

  /** Whether a report may be taken now. */
  get isReady(): boolean {
    return this.#turns.waiting > 0 || this.#tooLarge.length > 0;
  }

  /**
   * Queues a report.
   *
   * @throws QueueFullError where too many of the domain, or of the supervisor, wait
   */
  add(report: Report, retryAfterMs: () => number): void {
    const waiting = this.#waiting.get(report.domainId) ?? { reports: 0, plugins: 0 };
    const further = this.#supervisors.get(report.identity);
    const isFull =
      waiting.reports >= maxWaiting ||
      waiting.plugins + report.plugins.length > maxWaitingPlugins ||
      (further?.length ?? 0) >= maxWaitingOfSupervisor;
    if (isFull) throw new QueueFullError(retryAfterMs());
    waiting.reports += 1;
    waiting.plugins += report.plugins.length;
    this.#waiting.set(report.domainId, waiting);
    if (further) further.push(report);
    else this.#takeTurn(report);
  }

  /**
   * Takes the next reports, of different supervisors, up to the size of a batch; always one where one may be taken. Reports
   * that are too large for the rest of a batch are the first of the next. A domain with a batch under way waits for it while
   * others have reports: two batches of one domain may wait for each other's rows, and the others' reports would with them.
   */
  takeBatch(size: BatchSize): Report[] {
    let batch = this.#fillBatch(size, (domainId) => !this.#underWay.has(domainId));
    if (batch.length === 0) {
      batch = this.#fillBatch(size, (domainId) => (this.#underWay.get(domainId) ?? 0) < maxBatchesOfDomain);
    }
    for (const domainId of domainsOf(batch)) this.#underWay.set(domainId, (this.#underWay.get(domainId) ?? 0) + 1);
    return batch;
  }

  /** Says that a batch has been run. */
  endBatch(batch: readonly Report[]): void {
    for (const domainId of domainsOf(batch)) {
      const left = (this.#underWay.get(domainId) ?? 1) - 1;
      if (left > 0) this.#underWay.set(domainId, left);
      else this.#underWay.delete(domainId);
    }
  }

  #fillBatch(size: BatchSize, mayTake: (domainId: string) => boolean): Report[] {
    const batch: Report[] = [];
    const tooLarge: ReportTurn<Report>[] = [];
    const earlier: ReportTurn<Report>[] = [];
    for (const turn of this.#tooLarge.splice(0)) (mayTake(turn.tenant) ? earlier : this.#tooLarge).push(turn);
    let plugins = 0;
    while (batch.length < size.reports && tooLarge.length < maxTooLarge) {
      const turn = earlier.shift() ?? this.#nextTurn(mayTake);
      if (!turn) break;
      if (batch.length > 0 && plugins + turn.report.plugins.length > size.plugins) {
        tooLarge.push(turn);
        continue;
      }
      plugins += turn.report.plugins.length;
      turn.report.turn = undefined;
      this.#leave(turn.report);
      batch.push(turn.report);
    }
    this.#tooLarge.push(...tooLarge, ...earlier);
    return batch;
  }

  /** Takes a report out that nobody waits for any longer; false where it has been taken. */
  remove(report: Report): boolean {
    const turn = report.turn as ReportTurn<Report> | undefined;
    const further = this.#supervisors.get(report.identity) ?? [];
    if (turn) {
      const place = this.#tooLarge.indexOf(turn);
      if (place >= 0) this.#tooLarge.splice(place, 1);
      else this.#turns.remove(turn);
      report.turn = undefined;
      this.release(report.identity);
    } else if (further.includes(report)) {
      further.splice(further.indexOf(report), 1);
    } else {
      return false;
    }
    this.#leave(report);
    return true;
  }

  /** Says that the supervisor's report has been written, so that the next one may be taken. */
  release(identity: string): void {
    const further = this.#supervisors.get(identity);
    this.#supervisors.delete(identity);
    const [next, ...others] = further ?? [];
    if (next) this.#takeTurn(next, others);
  }

  #nextTurn(mayTake: (domainId: string) => boolean): ReportTurn<Report> | undefined {
    const turn = this.#turns.next(mayTake);
    if (turn) this.#turns.done(turn);
    return turn;
  }

  #takeTurn(report: Report, further: Report[] = []): void {
    const turn = new ReportTurn(report);
    this.#supervisors.set(report.identity, further);
    report.turn = turn;
    this.#turns.take(turn, () => 0);
  }

  #leave({ domainId, plugins }: Report): void {
    const waiting = this.#waiting.get(domainId);
    if (!waiting) return;
    waiting.reports -= 1;
    waiting.plugins -= plugins.length;
    if (waiting.reports === 0) this.#waiting.delete(domainId);
  }
}

function domainsOf(batch: readonly Queued[]): ReadonlySet<string> {
  return new Set(batch.map(({ domainId }) => domainId));
}
