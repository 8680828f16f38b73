import './supervisor.ts';
import './plugin.ts';
import './publish.ts';
import './event.ts';
import './viewer.ts';
import './apiKey.ts';
import './subscriptions.ts';
import './watches.ts';
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';

/** The schema. Each call builds it anew, so a process calls this once. */
export function buildSchema(): GraphQLSchema {
  return builder.toSchema();
}
