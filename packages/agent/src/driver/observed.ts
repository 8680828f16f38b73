import type { Identity } from './identity.ts';

/** A thing that an engine has, as it was seen in a list. */
export interface Observed {
  /** The engine's id of it. */
  readonly id: string;
  readonly identity: Identity;
  /**
   * CREATED: made, and never started. RUNNING: started, and not ended. ENDED: it ran, and ended. FAILING: an engine that
   * restarts by itself can't keep it up, such as CrashLoopBackOff or ImagePullBackOff.
   */
  readonly status: 'CREATED' | 'RUNNING' | 'ENDED' | 'FAILING';
  /** When it was last started, in milliseconds since 1970; null before that. */
  readonly startedAtMs: number | null;
  /** With what it last ended; null while it runs, and where the engine doesn't say. */
  readonly exitCode: number | null;
  /** The engine's words on why it ended or fails, such as OOMKilled; null where it has none. */
  readonly reason: string | null;
  /** Where its ports answer. Empty where the engine doesn't say, such as before the start. */
  readonly ports: readonly ObservedPort[];
}

/** Where a port answers. */
export interface ObservedPort {
  /** The port's name in the spec. */
  readonly name: string;
  /** The host that the agent itself reaches the port at, such as 127.0.0.1 or a Service's DNS name. */
  readonly host: string;
  /** The number at that host, which may differ from the spec's. */
  readonly port: number;
  /** The host for endpoints, where the engine knows one that others reach (a Service); null: the configured `advertise.host`. */
  readonly advertisedHost: string | null;
}
