import { machine } from '../machine.ts';
import { packageVersion } from '../packageVersion.ts';
import type { ReadsOptions } from './options.ts';

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
export function explanation({ rounds, seconds, connections, supervisors, plugins }: ReadsOptions): string {
  return [
    `Medians, rounds: ${rounds}, of ${seconds} s each; the servers alternate, each a new process over a new copy of one database`,
    `with ${supervisors.toLocaleString('en-US')} supervisors and ${plugins} plugins each. ${connections} kept connections ask again as soon as they are answered, from a`,
    "process of its own. Every server was checked first: each of its answers is the database's.",
    'The limit makes the whole answer in one prepared statement, and has no GraphQL, no credentials and no limits.',
    'Stand-ins run with NODE_ENV=production; Muster as it starts by default, but for the rate limits of one credential.',
    'Database connections a server: 10 (Muster: and three that follow events and keys).',
    "CPU: user and system, in steps of 10 ms; the database's is that of all of PostgreSQL's processes, whoever uses it.",
    'Load, server and database share the cores: where there are few, who needs little CPU leaves more to the others.',
  ].join('\n');
}
