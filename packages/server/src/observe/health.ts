import { isDatabaseUnavailable, isDiskFull, isReadOnly, WorkStoppedError } from '@muster/db';
import { fieldsOf, type RepeatLog } from './repeatLog.ts';
import { type UnreadyReason, unreadyReasons } from './unreadyReasons.ts';

/** How long an answer serves all who ask, in milliseconds. */
const maxAgeMs = 1_000;
/** How often the server asks itself, in milliseconds, so that its log tells of trouble though nobody asks. */
const intervalMs = 5_000;
/** By how much the events that are handed on may be behind the log, in milliseconds (O7). */
const maxBehindMs = 10_000;
/** How long clients' writes may wait without any getting a connection, in milliseconds. */
const maxStalledMs = 2_000;
/** Sweeps in a row that may be missing (O7), and the least time that this is, in milliseconds. */
const missedSweeps = 3;
const leastSweepAgeMs = 5_000;

/** The answer of /ready. */
interface Readiness {
  readonly ready: boolean;
  readonly reasons: readonly { readonly reason: UnreadyReason; readonly message: string }[];
  /** The newest applied migration; null where the database doesn't answer. */
  readonly migration: string | null;
}

/** The server's readiness, for probes. */
export interface Health {
  /** Whether a write would succeed, as it was found within the last second, or else is found now. */
  readiness(): Promise<Readiness>;
  /** Makes the server not ready from now on. */
  beginStopping(): void;
  /** Asks no more by itself; resolves once nothing is being found out. */
  close(): Promise<void>;
}

/** The answer of a database that takes writes. */
interface DatabaseAnswer {
  /** The newest event's sequence number. */
  readonly headSeq: number;
  readonly migration: string | null;
}

/** Where readiness is read. */
export interface HealthOptions {
  /** Tries to write, within 2 s. Rejects with the database's error, or with one that says that time is over. */
  tryWrite(): Promise<DatabaseAnswer>;
  isListening(): boolean;
  /** The sequence number up to which events are handed on. */
  position(): number;
  /** When the last sweep ended, by `now`. */
  lastSweepAtMs(): number;
  readonly sweepIntervalMs: number;
  /** For how long clients' writes have waited for a connection without any having got one, in milliseconds. */
  stalledMs(): number;
  /** Milliseconds by a clock that never goes back. */
  now(): number;
  readonly repeatLog: Pick<RepeatLog, 'note'>;
}

/** Makes the health of a server: ready while a write would succeed and the server isn't stopping (O7). */
export function createHealth(options: HealthOptions): Health {
  return new ServerHealth(options);
}

class ServerHealth implements Health {
  readonly #options: HealthOptions;
  readonly #timer: NodeJS.Timeout;
  #isStopping = false;
  #migration: string | null = null;
  #reasons: readonly UnreadyReason[] = [];
  #foundAtMs = Number.NEGATIVE_INFINITY;
  /** The look at the database that is under way: all who ask meanwhile share it. */
  #looking: Promise<void> | undefined;
  /** The oldest event known that is not handed on, and since when it has been known. */
  #behind: { readonly seq: number; readonly sinceMs: number } | null = null;

  constructor(options: HealthOptions) {
    this.#options = options;
    this.#timer = setInterval(() => void this.#lookUnlessFresh(), intervalMs).unref();
  }

  async readiness(): Promise<Readiness> {
    if (!this.#isStopping) await this.#lookUnlessFresh();
    const reasons = this.#isStopping ? (['stopping', ...this.#reasons] as const) : this.#reasons;
    return {
      ready: reasons.length === 0,
      reasons: reasons.map((reason) => ({ reason, message: unreadyReasons[reason] })),
      migration: this.#migration,
    };
  }

  beginStopping(): void {
    this.#isStopping = true;
    clearInterval(this.#timer);
  }

  async close(): Promise<void> {
    this.beginStopping();
    await this.#looking;
  }

  async #lookUnlessFresh(): Promise<void> {
    if (this.#options.now() - this.#foundAtMs < maxAgeMs) return;
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
  }

  async #look(): Promise<void> {
    const [database, error] = await this.#askDatabase();
    const { isListening, lastSweepAtMs, sweepIntervalMs, stalledMs, now } = this.#options;
    const reasons: UnreadyReason[] = database === null ? [] : [database];
    if (!isListening()) reasons.push('listener_down');
    if (this.#behind !== null && now() - this.#behind.sinceMs > maxBehindMs) reasons.push('tail_behind');
    const maxSweepAgeMs = Math.max(leastSweepAgeMs, missedSweeps * sweepIntervalMs);
    if (now() - lastSweepAtMs() > maxSweepAgeMs) reasons.push('sweep_overdue');
    if (stalledMs() > maxStalledMs) reasons.push('lane_exhausted');
    this.#foundAtMs = now();
    this.#change(reasons, error);
  }

  /** Why the database takes no writes, with its error; null where it does. */
  async #askDatabase(): Promise<[UnreadyReason | null, unknown]> {
    try {
      const { headSeq, migration } = await this.#options.tryWrite();
      this.#migration = migration;
      this.#noteHead(headSeq);
      return [null, undefined];
    } catch (error) {
      this.#migration = null;
      this.#noteHead(this.#behind?.seq ?? 0);
      return [reasonOf(error), error];
    }
  }

  #noteHead(headSeq: number): void {
    const position = this.#options.position();
    // A log that was put back ends before that event (O5).
    if (this.#behind !== null && position < this.#behind.seq && this.#behind.seq <= headSeq) return;
    this.#behind = headSeq > position ? { seq: headSeq, sinceMs: this.#options.now() } : null;
  }

  /** Logs each change, and nothing as long as all stays the same. */
  #change(reasons: readonly UnreadyReason[], error: unknown): void {
    const { repeatLog } = this.#options;
    if (reasons.join() !== this.#reasons.join()) {
      const words = reasons.map((reason) => unreadyReasons[reason]).join('; ');
      if (reasons.length === 0) repeatLog.note({ level: 'info', message: 'ready again', fields: {} });
      else repeatLog.note({ level: 'warn', message: `not ready: ${words}`, fields: { reasons, ...fieldsOf(error) } });
    }
    this.#reasons = reasons;
  }
}

function reasonOf(error: unknown): UnreadyReason {
  if (isReadOnly(error)) return 'database_read_only';
  if (isDiskFull(error)) return 'disk_full';
  return error instanceof WorkStoppedError || isDatabaseUnavailable(error) ? 'database_unreachable' : 'write_failed';
}
