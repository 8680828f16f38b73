import graphqlWs from 'graphql-ws/package.json' with { type: 'json' };
import yoga from 'graphql-yoga/package.json' with { type: 'json' };
import ws from 'ws/package.json' with { type: 'json' };
import { machine } from './machine.ts';
import { packageVersion } from './packageVersion.ts';

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
  const own = [`ws ${ws.version}`, `graphql-ws ${graphqlWs.version}`, `graphql-yoga ${yoga.version}`];
  return `${await machine()}\n${[...peers.map((name) => `${name} ${packageVersion(name)}`), ...own].join(', ')}`;
}
