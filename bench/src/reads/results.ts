import type { LoadOptions } from '../load/loadOptions.ts';
import type { Way } from './ways.ts';

/** Explains the figures, in words below the tables. */
export function explanation({ rounds, seconds, connections, plugins }: LoadOptions<Way>): string {
  return [
    `Medians, rounds: ${rounds}, of ${seconds} s each; the servers alternate, each a new process, over a database of its own`,
    `with ${plugins} plugins on each supervisor. ${connections} kept connections ask again as soon as they are answered, from a`,
    "process of its own. Every server was checked first: each of its answers is the database's.",
    'The limit makes the whole answer in one prepared statement, and has no GraphQL, no credentials and no limits.',
    'Stand-ins run with NODE_ENV=production; Muster as it starts by default, but for the rate limits of one credential.',
    'Database connections a server: 10 (Muster: and up to seven, which are pipelined or follow events and keys).',
    "CPU: user and system, in steps of 10 ms; the database's is that of all of PostgreSQL's processes, including those of other clients.",
    'Load, server and database share the cores: where there are few, who needs little CPU leaves more to the others.',
  ].join('\n');
}
