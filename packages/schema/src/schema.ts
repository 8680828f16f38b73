import './types/supervisor.ts';
import './types/supervisorStat.ts';
import './types/supervisorMutations.ts';
import './types/plugin.ts';
import './types/pluginStat.ts';
import './types/recoverPlugin.ts';
import './types/relations.ts';
import './types/publishSupervisor.ts';
import './types/installPlugin.ts';
import './types/bulk.ts';
import './types/drain.ts';
import './types/drainMutations.ts';
import './types/rollout.ts';
import './types/upgradePlugin.ts';
import './types/rolloutMutations.ts';
import './types/release.ts';
import './types/publishRelease.ts';
import './types/retireRelease.ts';
import './types/placement.ts';
import './types/deployment.ts';
import './types/deploymentMutations.ts';
import './types/endpoint.ts';
import './types/assignment.ts';
import './types/event.ts';
import './types/viewer.ts';
import './types/serverInfo.ts';
import './types/agentToken.ts';
import './types/apiKey.ts';
import './types/blockedHostname.ts';
import './subscriptions/stateChanges.ts';
import './subscriptions/watches.ts';
import './subscriptions/rolloutChanged.ts';
import './subscriptions/deploymentChanged.ts';
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.ts';

/** The schema. Each call builds it anew, so that a process calls this once. */
export function buildSchema(): GraphQLSchema {
  return builder.toSchema();
}
