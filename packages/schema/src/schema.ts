import './supervisor.ts';
import './plugin.ts';
import './publish.ts';
import './installPlugin.ts';
import './bulk.ts';
import './drain.ts';
import './rollout.ts';
import './placement.ts';
import './endpoint.ts';
import './assignment.ts';
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
