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
  /** Called when the work begins to wait for what is no work of the server's: see `waiting`. May throw to refuse that. */
  readonly onWait?: (() => void) | undefined;
}

/** A work's options, but for those of its lifetime. */
type Placing = Pick<WorkOptions, 'lane' | 'tenant' | 'credential' | 'weight'>;

type StopListener = (reason: Error) => void;

/** How a work ends, shared by all its lanes. */
class Lifetime {
  reason: Error | undefined;
  leftMs: number | null;
  /** No Set, which would keep what was taken out of it (see queue.ts). */
  readonly listeners: StopListener[] = [];
  readonly onWait: (() => void) | undefined;
  controller: AbortController | undefined;
  heldBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #timeoutMs: number | null;
  #startedAtMs: number;
  #pauses = 0;

  constructor({ timeoutMs, onWait }: Pick<WorkOptions, 'timeoutMs' | 'onWait'>) {
    this.leftMs = timeoutMs;
    this.#timeoutMs = timeoutMs;
    this.onWait = onWait;
    this.#startedAtMs = timeoutMs === null ? 0 : performance.now();
  }

  hold(bytes: number): void {
    if (this.#timeoutMs !== null) this.heldBytes += bytes;
  }

  stop(reason: Error): void {
    if (this.reason) return;
    this.reason = reason;
    this.disarm();
    for (const listener of this.listeners.splice(0)) listener(reason);
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

  restart(): void {
    if (this.#timeoutMs === null || this.leftMs === null) return;
    this.leftMs = this.#timeoutMs;
    this.#startedAtMs = performance.now();
    const wasArmed = this.#timer !== undefined;
    this.disarm();
    if (wasArmed) this.arm();
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
    if (this.listeners.length > 0 || this.controller) this.arm();
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

  private constructor({ lane, tenant, credential, weight }: Placing, lifetime: Lifetime) {
    this.lane = lane;
    this.tenant = tenant;
    this.credential = credential;
    this.weight = Math.max(1, weight);
    this.#lifetime = lifetime;
  }

  /** Begins a work. Its deadline runs from now on. */
  static start(options: WorkOptions): Work {
    return new Work(options, new Lifetime(options));
  }

  /** Why it was stopped; undefined while it goes on. */
  get stopped(): Error | undefined {
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

  /** Calls `listener` once when the work is stopped. Nobody stops the control plane's own. */
  onStop(listener: StopListener): void {
    if (this.tenant === ownTenant) return;
    this.#lifetime.listeners.push(listener);
    this.#lifetime.arm();
  }

  /** No longer calls `listener`. */
  offStop(listener: StopListener): void {
    const { listeners } = this.#lifetime;
    const index = listeners.indexOf(listener);
    if (index >= 0) listeners.splice(index, 1);
  }

  /** Stops the work: its statements are cancelled, and they and later ones reject with the reason. Idempotent. */
  stop(reason: Error): void {
    this.#lifetime.stop(reason);
  }

  /** Lets the deadline run anew, for the next of many parts of which each has the time that an operation has. */
  restartDeadline(): void {
    this.#lifetime.restart();
  }

  /** The bytes of the rows that it has read and holds until it ends; 0 for a stream, which holds none for long. */
  get heldBytes(): number {
    return this.#lifetime.heldBytes;
  }

  /** Counts bytes of rows that it has read. */
  hold(bytes: number): void {
    this.#lifetime.hold(bytes);
  }

  /** Says that the work is done: its deadline no longer counts. */
  end(): void {
    this.#lifetime.disarm();
    this.#lifetime.leftMs = null;
  }

  /** Waits for something that is no work of the server's: the time doesn't count towards the deadline. */
  async waiting<Result>(wait: () => Promise<Result>): Promise<Result> {
    this.#lifetime.onWait?.();
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
  return Work.start({ lane, tenant: ownTenant, credential: '', weight: 1, timeoutMs: null });
}
