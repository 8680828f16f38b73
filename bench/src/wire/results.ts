import type { LoadOptions } from '../load/loadOptions.ts';
import type { Way } from './ways.ts';

/** Explains the figures, in words below the tables. */
export function explanation({ rounds, seconds, connections, plugins }: LoadOptions<Way>): string {
  return [
    `Medians, rounds: ${rounds}, of ${seconds} s each; the ways alternate, all into one server process over one database`,
    `with ${plugins} plugins on each supervisor. ${connections} kept connections ask again as soon as they are answered, from a`,
    'process of its own: undici for HTTP/1.1, bare HTTP/2 with messages made beforehand for gRPC. Every way was checked first.',
    'Muster as it starts by default, but for the rate limits of one credential. Database connections: 10, and up to seven, which are pipelined or follow events and keys.',
    "CPU: user and system, in steps of 10 ms; the database's is that of all of PostgreSQL's processes, including those of other clients.",
    'Load, server and database share the cores.',
  ].join('\n');
}
