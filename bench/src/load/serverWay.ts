import type { BenchServer } from '../benchServer.ts';

/** One of the servers that do the same work side by side, over a database that is migrated and seeded. */
export interface ServerWay<Format extends string> {
  /** The name on the command line. */
  readonly name: string;
  /** The name in the tables. */
  readonly label: string;
  /** How the server takes requests. */
  readonly format: Format;
  start(databaseUrl: string, signal: AbortSignal): Promise<BenchServer>;
}
