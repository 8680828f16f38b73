/** A server that is measured, in its own process. */
export interface BenchServer {
  readonly pid: number;
  /** Where requests go. */
  readonly url: string;
  stop(): Promise<void>;
}
