import type { EventFilter, EventKind } from '../../generated/operations.ts';
import { paging, type QueryOf, someOf, text } from '../../url/query.ts';
import { containing } from '../filterParts.ts';

/** Events by what they are of. */
const families = {
  supervisors: [
    'SUPERVISOR_CREATED',
    'SUPERVISOR_UPDATED',
    'SUPERVISOR_STATE_CHANGED',
    'SUPERVISOR_DELETED',
    'SUPERVISOR_SECRET_RESET',
  ],
  plugins: ['PLUGIN_CREATED', 'PLUGIN_UPDATED', 'PLUGIN_STATE_CHANGED', 'PLUGIN_DELETED'],
  rollouts: [
    'ROLLOUT_CREATED',
    'ROLLOUT_UPDATED',
    'ROLLOUT_STATE_CHANGED',
    'ROLLOUT_STEP_CREATED',
    'ROLLOUT_STEP_UPDATED',
    'ROLLOUT_STEP_STATE_CHANGED',
    'ROLLOUT_STEP_DELETED',
  ],
  keys: ['API_KEY_CREATED', 'API_KEY_REVOKED'],
  releases: ['RELEASE_PUBLISHED', 'RELEASE_RETIRED'],
  deployments: ['DEPLOYMENT_CREATED', 'DEPLOYMENT_UPDATED', 'DEPLOYMENT_DELETED'],
  hostnames: ['HOSTNAME_BLOCKED', 'HOSTNAME_UNBLOCKED'],
} as const satisfies Readonly<Record<string, readonly EventKind[]>>;

type Family = keyof typeof families;

export const familyNames = Object.keys(families) as readonly Family[];

/** The states to which an event leads that are asked for most. */
export const targetStates = ['ERROR', 'DISCONNECTED', 'ACTIVE', 'ENABLED', 'PENDING', 'DISABLED'] as const;

/** The state of the list of events that its URL has. */
export const eventParts = {
  q: text,
  of: someOf(familyNames),
  to: someOf(targetStates),
  supervisor: text,
  plugin: text,
  rollout: text,
  deployment: text,
  page: paging,
};

export type EventQuery = QueryOf<typeof eventParts>;

/** The filter that a URL stands for. */
export function eventFilter({ q, of, to, supervisor, plugin, rollout, deployment }: EventQuery): EventFilter {
  return {
    ...(q !== '' && { or: [{ actor: containing(q) }, { reason: containing(q) }] }),
    ...(of.length > 0 && { kind: { in: of.flatMap((family) => families[family]) } }),
    ...(to.length > 0 && { to: { in: to } }),
    ...(supervisor !== '' && { supervisorId: { eq: supervisor } }),
    ...(plugin !== '' && { pluginInstanceId: { eq: plugin } }),
    ...(rollout !== '' && { rolloutId: { eq: rollout } }),
    ...(deployment !== '' && { deploymentId: { eq: deployment } }),
  };
}
