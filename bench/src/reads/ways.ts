import { join } from 'node:path';
import { startMusterServer } from '../musterServer.ts';
import { type StandIn, startStandIn } from '../standIn.ts';
import type { Format } from './bodies.ts';

/** One way to answer reads. */
export interface Way {
  /** For the command line. */
  readonly name: string;
  /** For the table. */
  readonly label: string;
  readonly format: Format;
  /** Starts the server over a database that is migrated and seeded. */
  start(databaseUrl: string, signal: AbortSignal): Promise<StandIn>;
}

/** What all others are compared with. */
export const limitName = 'limit';

const standIn = (file: string) => (databaseUrl: string, signal: AbortSignal) =>
  startStandIn(join(import.meta.dirname, 'servers', file), databaseUrl, signal);

export const ways: readonly Way[] = [
  {
    name: limitName,
    label: 'node:http and one statement that returns JSON (limit)',
    format: 'bare',
    start: standIn('limit.ts'),
  },
  { name: 'muster', label: 'Muster', format: 'graphql', start: startMusterServer },
  { name: 'mercurius', label: 'Mercurius (jit), pg and loaders', format: 'graphql', start: standIn('mercurius.ts') },
  { name: 'postgraphile', label: 'PostGraphile', format: 'postgraphile', start: standIn('postgraphile.ts') },
  { name: 'apollo', label: 'Apollo Server, Express and Prisma', format: 'graphql', start: standIn('apollo.ts') },
];
