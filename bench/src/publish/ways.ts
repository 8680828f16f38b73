import { join } from 'node:path';
import type { ServerWay } from '../load/serverWay.ts';
import { startMusterServer } from '../musterServer.ts';
import type { Format } from '../reports/format.ts';
import { startStandIn } from '../standIn.ts';

/** A server that takes reports. */
export type Way = ServerWay<Format>;

/** The name of the server that all others are compared with. */
export const limitName = 'limit';

const standIn = (file: string) => (databaseUrl: string, signal: AbortSignal) =>
  startStandIn(join(import.meta.dirname, 'servers', file), databaseUrl, signal);

/** All servers, in the order of the tables. */
export const ways: readonly Way[] = [
  {
    name: limitName,
    label: "node:http, pg and Muster's statement, one a report (limit)",
    format: 'bare',
    start: standIn('limit.ts'),
  },
  { name: 'muster', label: 'Muster', format: 'graphql', start: startMusterServer },
  {
    name: 'mercurius',
    label: "Mercurius (jit), pg and Muster's statement",
    format: 'graphql',
    start: standIn('mercurius.ts'),
  },
  {
    name: 'postgraphile',
    label: "PostGraphile and Muster's statement in a function",
    format: 'postgraphile',
    start: standIn('postgraphile.ts'),
  },
  {
    name: 'apollo',
    label: 'Apollo Server, Express and Prisma',
    format: 'graphql',
    start: standIn('apollo.ts'),
  },
];
