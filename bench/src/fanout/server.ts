import type { BenchServer } from '../benchServer.ts';

/** A server whose subscribers are measured; they connect to its `url`. */
export interface FanoutServer extends BenchServer {
  /** Causes one batch of events; resolves once they are committed, before they have arrived. */
  trigger(): Promise<void>;
}
