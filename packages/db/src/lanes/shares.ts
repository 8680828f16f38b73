/** How many connections each part of the work has. */
export interface ConnectionShares {
  /** Pipelined, for reading rows by their keys. */
  readonly short: number;
  readonly reports: number;
  readonly changes: number;
  readonly reads: number;
  readonly sweeps: number;
  readonly probes: number;
}

/** Connections beside the lanes': one listens, and one reads the event log. */
const beside = 2;
/** Measured: with more, fewer statements are under way on each, and travel together less often. */
const mostShort = 4;
/** Three statements of reports that share one, two of blocked reports, and two of agents that fetch their lists. */
const mostReports = 7;

/** The least connections that a server can work with: one for each part. */
export const leastPoolSize = 8;

/** The most connections that there are at a time with this pool: one more asks whether the database answers (O2). */
export const mostConnections = (poolSize: number) => poolSize + 1;

/** Connections of a server that isn't given a number: three servers fit into PostgreSQL's default of 100. */
export const defaultPoolSize = 27;

/**
 * Splits a number of connections, at least `leastPoolSize`. Two are for the event log, one for probes, and then, of the
 * others: a fifth each for reports and for reading rows by their keys, a tenth for sweeps, a quarter for changes, and
 * what remains for reads. docs/limits.md has the table.
 */
export function splitConnections(total: number): ConnectionShares {
  const others = Math.max(leastPoolSize, total) - beside - 1;
  const share = (part: number, most: number) => Math.min(most, Math.max(1, Math.floor(others * part)));
  const reports = share(0.2, mostReports);
  const short = share(0.2, mostShort);
  const sweeps = share(0.1, total);
  const changes = share(0.25, total);
  return { short, reports, changes, sweeps, probes: 1, reads: others - short - reports - changes - sweeps };
}
