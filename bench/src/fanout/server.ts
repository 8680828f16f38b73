/** A server that is measured, in its own process. */
export interface FanoutServer {
  readonly pid: number;
  /** Where subscribers connect. */
  readonly url: string;
  /** Causes one batch of events; resolves once they are committed, before they have arrived. */
  trigger(): Promise<void>;
  stop(): Promise<void>;
}
