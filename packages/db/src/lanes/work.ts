import { WorkStoppedError } from './workErrors.ts';

/** The lanes: each has its own connections, so that no lane can starve another (W4). */
export const laneNames = ['reports', 'changes', 'reads', 'sweeps', 'probes'] as const;

/**
 * A part of the work, with its own connections. `reports`: what agents send and fetch. `changes`: operators' mutations.
 * `reads`: queries, and what streams read. `sweeps`: what the control plane does by itself. `probes`: readiness.
 */
export type LaneName = (typeof laneNames)[number];

/** The tenant of the control plane's own work. No domain's name has this character. */
export const ownTenant = '\0';

/** An operation as the bounds of its work see it. */
export interface WorkOptions {
  readonly lane: LaneName;
  /** Whose turn it is: the domain; empty for those that belong to none. */
  readonly tenant: string;
  /** Tells credentials apart; empty where none was needed. */
  readonly credential: string;
  /** The cost in points: tenants get turns by it. At least 1. */
  readonly weight: number;
  /** How long the work may take, in milliseconds; null for a stream and for the control plane's own work. */
  readonly timeoutMs: number | null;
}

type StopListener = (reason: WorkStoppedError) => void;

/** How a work ends, shared by all its lanes. */
class Lifetime {
  reason: WorkStoppedError | undefined;
  leftMs: number | null;
  readonly listeners = new Set<StopListener>();
  controller: AbortController | undefined;
  #timer: NodeJS.Timeout | undefined;
  #startedAtMs: number;
  #pauses = 0;

  constructor(timeoutMs: number | null) {
    this.leftMs = timeoutMs;
    this.#startedAtMs = timeoutMs === null ? 0 : performance.now();
  }

  stop(reason: WorkStoppedError): void {
    if (this.reason) return;
    this.reason = reason;
    this.disarm();
    for (const listener of this.listeners) listener(reason);
    this.listeners.clear();
    this.controller?.abort(reason);
  }

  /** Sets the timer of the deadline. Most works end before anybody would hear of it, so it is set when somebody listens. */
  arm(): void {
    if (this.leftMs === null || this.#timer || this.#pauses > 0 || this.reason) return;
    const leftMs = Math.max(0, this.leftMs - (performance.now() - this.#startedAtMs));
    this.#timer = setTimeout(() => this.stop(new WorkStoppedError('deadline')), leftMs);
    this.#timer.unref();
  }

  disarm(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  pause(): void {
    this.#pauses += 1;
    if (this.#pauses > 1 || this.leftMs === null) return;
    this.leftMs -= performance.now() - this.#startedAtMs;
    this.disarm();
  }

  resume(): void {
    this.#pauses -= 1;
    if (this.#pauses > 0 || this.leftMs === null) return;
    this.#startedAtMs = performance.now();
    if (this.listeners.size > 0 || this.controller) this.arm();
  }
}

/**
 * An operation's work: in which lane it runs, for whom, and until when. Its statements wait for the turn of its tenant,
 * and are cancelled in the database when it is stopped.
 */
export class Work {
  readonly lane: LaneName;
  readonly tenant: string;
  readonly credential: string;
  readonly weight: number;
  readonly #lifetime: Lifetime;

  constructor(options: WorkOptions);
  constructor(options: Omit<WorkOptions, 'timeoutMs'>, lifetime: Lifetime);
  constructor(options: Omit<WorkOptions, 'timeoutMs'> & { timeoutMs?: number | null }, lifetime?: Lifetime) {
    this.lane = options.lane;
    this.tenant = options.tenant;
    this.credential = options.credential;
    this.weight = Math.max(1, options.weight);
    this.#lifetime = lifetime ?? new Lifetime(options.timeoutMs ?? null);
  }

  /** Why it was stopped; undefined while it goes on. */
  get stopped(): WorkStoppedError | undefined {
    return this.#lifetime.reason;
  }

  /** As a signal, for what takes one. Aborts when the work is stopped, and not when it ends. */
  get signal(): AbortSignal {
    const lifetime = this.#lifetime;
    lifetime.controller ??= new AbortController();
    if (lifetime.reason) lifetime.controller.abort(lifetime.reason);
    else lifetime.arm();
    return lifetime.controller.signal;
  }

  /** The same work, with a lane for a part of it. */
  inLane(lane: LaneName): Work {
    return lane === this.lane ? this : new Work({ ...this, lane }, this.#lifetime);
  }

  /** Calls `listener` once when the work is stopped. */
  onStop(listener: StopListener): void {
    this.#lifetime.listeners.add(listener);
    this.#lifetime.arm();
  }

  /** No longer calls `listener`. */
  offStop(listener: StopListener): void {
    this.#lifetime.listeners.delete(listener);
  }

  /** Stops the work: its statements are cancelled, and later ones are refused. Idempotent. */
  stop(reason: WorkStoppedError): void {
    this.#lifetime.stop(reason);
  }

  /** Says that the work is done: its deadline no longer counts. */
  end(): void {
    this.#lifetime.disarm();
    this.#lifetime.leftMs = null;
  }

  /** Runs a wait, whose time doesn't count towards the deadline. */
  async waiting<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.#lifetime.pause();
    try {
      return await wait();
    } finally {
      this.#lifetime.resume();
    }
  }
}

/** The control plane's own work in a lane, which nobody stops. */
export function ownWork(lane: LaneName): Work {
  return new Work({ lane, tenant: ownTenant, credential: '', weight: 1, timeoutMs: null });
}
