import './types/supervisor.ts';
import './types/plugin.ts';
import './types/relations.ts';
import './types/publish.ts';
import './types/installPlugin.ts';
import './types/bulk.ts';
import './types/drain.ts';
import './types/rollout.ts';
import './types/placement.ts';
import './types/endpoint.ts';
import './types/assignment.ts';
import './types/event.ts';
import './types/viewer.ts';
import './types/apiKey.ts';
import './subscriptions/stateChanges.ts';
import './subscriptions/watches.ts';
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';

/** The schema. Each call builds it anew, so a process calls this once. */
export function buildSchema(): GraphQLSchema {
  return builder.toSchema();
}
