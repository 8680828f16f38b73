import { randomUUID } from 'node:crypto';

/** `supervisor-` and 12 hex digits (domain.md, "Words"): those of a random UUID, which Node has ready by the hundred. */
export const newSupervisorId = () => `supervisor-${randomUUID().slice(-12)}`;

/** `instance-` and 16 hex digits: the id of a plugin's row, as opposed to `plugin_id`, the software. */
export function newPluginInstanceId(): string {
  const uuid = randomUUID();
  // The digits in between are not all random.
  return `instance-${uuid.slice(0, 4)}${uuid.slice(-12)}`;
}

/** `rollout-` and 12 hex digits. */
export const newRolloutId = () => `rollout-${randomUUID().slice(-12)}`;

const patterns = {
  Supervisor: /^supervisor-[0-9a-f]{12}$/,
  Plugin: /^instance-[0-9a-f]{16}$/,
  Event: /^event-[1-9][0-9]{0,15}$/,
} as const;

/** The kinds of things that have an id; each id's prefix tells its kind. */
export type NodeKind = keyof typeof patterns;

export function isId(kind: NodeKind, id: string): boolean {
  return patterns[kind].test(id);
}

/** The kind of thing that an id names; undefined for a text that is no id of ours. */
export function kindOfId(id: string): NodeKind | undefined {
  const kinds = Object.keys(patterns) as NodeKind[];
  return kinds.find((kind) => isId(kind, id));
}

export const eventId = (seq: number) => `event-${seq}`;
export const eventSeq = (id: string) => Number(id.slice('event-'.length));
