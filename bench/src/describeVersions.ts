import graphqlWs from 'graphql-ws/package.json' with { type: 'json' };
import yoga from 'graphql-yoga/package.json' with { type: 'json' };
import ws from 'ws/package.json' with { type: 'json' };
import { describeMachine } from './describeMachine.ts';
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

/** Describes the machine, and the versions of all software that is measured. */
export async function describeVersions(): Promise<string> {
  const own = [`ws ${ws.version}`, `graphql-ws ${graphqlWs.version}`, `graphql-yoga ${yoga.version}`];
  return `${await describeMachine()}\n${[...peers.map((name) => `${name} ${packageVersion(name)}`), ...own].join(', ')}`;
}
