import { machine } from '../machine.ts';
import { packageVersion } from '../packageVersion.ts';
import type { PublishOptions } from './options.ts';

const peers = [
  'pg',
  'mercurius',
  'fastify',
  'postgraphile',
  '@apollo/server',
  '@as-integrations/express5',
  'express',
  '@prisma/adapter-pg',
  'graphql',
];

/** What ran, where and when. */
export async function versions(): Promise<string> {
  return `${await machine()}\n${peers.map((name) => `${name} ${packageVersion(name)}`).join(', ')}`;
}

/** What the figures are of, in words that stand under every table. */
export function explanation({ rounds, seconds, connections, supervisors, plugins }: PublishOptions): string {
  return [
    `Medians, rounds: ${rounds}, of ${seconds} s each; the servers alternate, each a new process over a new copy of one database`,
    `with ${supervisors.toLocaleString('en-US')} supervisors and ${plugins} plugins each. ${connections} kept connections ask again as soon as they are answered, from a`,
    'process of its own. Every server was checked first: each report renews the lease, each change is in its row and has one event.',
    'PostGraphile has a function that makes the rows of a report and runs the statement on them, so that it does the same work;',
    'Prisma finds a supervisor and its plugins, upserts the lease and updates the plugins that differ, in one transaction,',
    'and does not do the rest of what the statement does: lifecycles, absent plugins, secrets, duplicate agents.',
    'Stand-ins run with NODE_ENV=production; Muster as it starts by default. Database connections a server: 10 (Muster: and three that follow events and keys).',
    "CPU: user and system, in steps of 10 ms; the database's is that of all of PostgreSQL's processes, whoever uses it.",
    'Load, server and database share the cores: where there are few, who needs little CPU leaves more to the others.',
  ].join('\n');
}
