import type { LoadOptions } from '../load/loadOptions.ts';
import type { Way } from './ways.ts';

/** Explains the figures, in words below the tables. */
export function explanation({ rounds, seconds, connections, plugins }: LoadOptions<Way>): string {
  return [
    `Medians, rounds: ${rounds}, of ${seconds} s each; the servers alternate, each a new process over a new copy of one database`,
    `with ${plugins} plugins on each supervisor. ${connections} kept connections ask again as soon as they are answered, from a`,
    'process of its own. Every server was checked first: each report renews the lease, each change is in its row and has one event.',
    'PostGraphile has a function that makes the rows of a report and runs the statement on them, so that it does the same work;',
    'Prisma finds a supervisor and its plugins, upserts the lease and updates the plugins that differ, in one transaction,',
    'and does not do the rest of what the statement does: lifecycles, absent plugins, secrets, duplicate agents.',
    'Stand-ins run with NODE_ENV=production; Muster as it starts by default. Database connections a server: 10 (Muster: and up to seven, which are pipelined or follow events and keys).',
    "CPU: user and system, in steps of 10 ms; the database's is that of all of PostgreSQL's processes, including those of other clients.",
    'Load, server and database share the cores: where there are few, who needs little CPU leaves more to the others.',
  ].join('\n');
}
