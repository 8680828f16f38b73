import { randomUUID } from 'node:crypto';

/** A new id: `supervisor-` and 12 hex digits (domain.md, "Words"), from a UUID, since Node caches random bytes for those. */
export const newSupervisorId = () => `supervisor-${randomUUID().slice(-12)}`;

/** A new id of a plugin's row, as opposed to `plugin_id`, the software: `instance-` and 16 hex digits. */
export function newPluginInstanceId(): string {
  const uuid = randomUUID();
  // The digits between are not all random.
  return `instance-${uuid.slice(0, 4)}${uuid.slice(-12)}`;
}

/** A new id: `rollout-` and 12 hex digits. */
export const newRolloutId = () => `rollout-${randomUUID().slice(-12)}`;

/** A new id: `release-` and 12 hex digits. */
export const newReleaseId = () => `release-${randomUUID().slice(-12)}`;

/** A new id: `deployment-` and 12 hex digits. */
export const newDeploymentId = () => `deployment-${randomUUID().slice(-12)}`;

const patterns = {
  Supervisor: /^supervisor-[0-9a-f]{12}$/,
  Plugin: /^instance-[0-9a-f]{16}$/,
  Event: /^event-[1-9][0-9]{0,15}$/,
  Rollout: /^rollout-[0-9a-f]{12}$/,
  Release: /^release-[0-9a-f]{12}$/,
  Deployment: /^deployment-[0-9a-f]{12}$/,
  ApiKey: /^key-[0-9a-f]{12}$/,
} as const;

/** The kinds of things that have an id, which its prefix names. */
export type NodeKind = keyof typeof patterns;

/** All of these kinds. */
export const nodeKinds = Object.keys(patterns) as NodeKind[];

/** Whether a text is an id of the kind. */
export function isId(kind: NodeKind, id: string): boolean {
  return patterns[kind].test(id);
}

/** The kind of thing that an id names; undefined for a text that is no id. */
export function kindOfId(id: string): NodeKind | undefined {
  return nodeKinds.find((kind) => isId(kind, id));
}

/** The id of an event. */
export const eventId = (seq: number) => `event-${seq}`;
/** The sequence number of an event's id. */
export const eventSeq = (id: string) => Number(id.slice('event-'.length));
