import { join } from 'node:path';
import { startMusterServer } from '../musterServer.ts';
import type { Format } from '../reports/format.ts';
import { startStandIn } from '../standIn.ts';

/** A server that is measured, in a process of its own. */
export interface PublishServer {
  readonly pid: number;
  /** Where reports go. */
  readonly url: string;
  stop(): Promise<void>;
}

/** One way to take reports. */
export interface Way {
  /** For the command line. */
  readonly name: string;
  /** For the table. */
  readonly label: string;
  readonly format: Format;
  /** Starts the server over a database that is migrated and seeded. */
  start(databaseUrl: string, signal: AbortSignal): Promise<PublishServer>;
}

/** What all others are compared with. */
export const limitName = 'limit';

const server = (file: string) => join(import.meta.dirname, 'servers', file);

export const ways: readonly Way[] = [
  {
    name: limitName,
    label: "node:http, pg and Muster's statement, one a report (limit)",
    format: 'bare',
    start: (databaseUrl, signal) => startStandIn(server('limit.ts'), databaseUrl, signal),
  },
  { name: 'muster', label: 'Muster', format: 'graphql', start: startMusterServer },
  {
    name: 'mercurius',
    label: "Mercurius (jit), pg and Muster's statement",
    format: 'graphql',
    start: (databaseUrl, signal) => startStandIn(server('mercurius.ts'), databaseUrl, signal),
  },
  {
    name: 'postgraphile',
    label: "PostGraphile and Muster's statement in a function",
    format: 'postgraphile',
    start: (databaseUrl, signal) => startStandIn(server('postgraphile.ts'), databaseUrl, signal),
  },
  {
    name: 'apollo',
    label: 'Apollo Server, Express and Prisma',
    format: 'graphql',
    start: (databaseUrl, signal) => startStandIn(server('apollo.ts'), databaseUrl, signal),
  },
];
