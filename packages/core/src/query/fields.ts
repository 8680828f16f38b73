import type {
  ApiKey,
  BlockedHostname,
  Deployment,
  Event,
  Lease,
  Plugin,
  Release,
  Rollout,
  RolloutStep,
  Supervisor,
} from '@muster/db';
import { columnOf } from '../base/rows.ts';
import { versionSortKey } from '../base/versionOrder.ts';

/** Tables whose rows can be filtered and ordered. */
export type Entity =
  | 'supervisor'
  | 'plugin'
  | 'event'
  | 'apiKey'
  | 'blockedHostname'
  | 'rollout'
  | 'rolloutStep'
  | 'release'
  | 'deployment'
  | 'leftPlugin';

interface FieldType {
  /** Decides the operators of the field, and how its values are read. */
  readonly type: 'text' | 'state' | 'kind' | 'role' | 'boolean' | 'int' | 'time' | 'object' | 'list' | 'conditions';
  /** PostgreSQL's type, for casts. */
  readonly pgType: string;
  /** How the values are ordered; none where they are ordered as they are. */
  readonly sortKey?: SortKey;
  /** The column is one of the supervisor's lease, which changes without an event (L2). */
  readonly ofLease?: true;
}

/** An order of values by others: the column that has them for each row, and what makes them. */
interface SortKey {
  readonly column: string;
  of(value: string): string;
}

/** A column that can be filtered or ordered by. */
export interface Field extends FieldType {
  readonly column: string;
}

/** Of the model's fields alone, so that a name that Prisma doesn't know is no field here either. */
type FieldTypes<Model> = { readonly [Name in keyof Model]?: FieldType };

/** A table as lists and filters read it. */
export interface EntityDefinition {
  readonly table: string;
  /** SQL in place of the table: its rows as far as they are meant, with their domain. */
  readonly source?: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** The unique field that ends every order. */
  readonly tieBreaker: string;
}

const fieldType = (type: FieldType['type'], pgType: string): FieldType => ({ type, pgType });
const text = fieldType('text', 'text');
const time = fieldType('time', 'timestamptz');
const int = fieldType('int', 'int');
const flag = fieldType('boolean', 'boolean');
const object = fieldType('object', 'jsonb');
const versionText: FieldType = { ...text, sortKey: { column: 'version_key', of: versionSortKey } };

const ofLease = (type: FieldType): FieldType => ({ ...type, ofLease: true });

function withColumns<Name extends string>(types: Readonly<Record<Name, FieldType>>): Readonly<Record<Name, Field>> {
  const fields = Object.entries<FieldType>(types).map(([name, type]) => [name, { column: columnOf(name), ...type }]);
  return Object.fromEntries(fields) as Record<Name, Field>;
}

/**
 * The fields that filters and orders may name, by the names of the Prisma models; fields.db.test.ts holds their types
 * against the database.
 */
export const entities = {
  supervisor: {
    table: 'supervisors',
    tieBreaker: 'id',
    fields: withColumns({
      id: text,
      domainId: text,
      name: text,
      hostname: text,
      state: fieldType('state', 'supervisor_state'),
      isPublic: flag,
      priority: int,
      labels: object,
      tags: object,
      connected: flag,
      cordoned: flag,
      drainState: fieldType('kind', 'drain_state'),
      conditions: fieldType('conditions', 'jsonb'),
      registeredAt: time,
      createdAt: time,
      updatedAt: time,
      lastSeenAt: ofLease(time),
    } satisfies FieldTypes<Supervisor & Pick<Lease, 'lastSeenAt'>>),
  },
  plugin: {
    table: 'plugins',
    tieBreaker: 'id',
    fields: withColumns({
      id: text,
      domainId: text,
      supervisorId: text,
      pluginId: text,
      version: versionText,
      state: fieldType('state', 'plugin_state'),
      managed: flag,
      wanted: flag,
      endpoint: text,
      endpoints: fieldType('list', 'text[]'),
      generation: int,
      observedGeneration: int,
      attempt: int,
      reason: text,
      message: text,
      deploymentId: text,
      stateChangedAt: time,
      createdAt: time,
      updatedAt: time,
    } satisfies FieldTypes<Plugin>),
  },
  // D1: what was never reported, and is wanted no more, doesn't run.
  leftPlugin: {
    table: 'plugins',
    source: '(SELECT * FROM plugins WHERE wanted OR NOT unreported)',
    tieBreaker: 'id',
    fields: withColumns({
      id: text,
      domainId: text,
      pluginId: text,
      version: versionText,
    } satisfies FieldTypes<Plugin>),
  },
  event: {
    table: 'events',
    tieBreaker: 'seq',
    fields: withColumns({
      seq: fieldType('int', 'bigint'),
      domainId: text,
      kind: fieldType('kind', 'event_kind'),
      supervisorId: text,
      pluginInstanceId: text,
      apiKeyId: text,
      rolloutId: text,
      releaseId: text,
      deploymentId: text,
      from: text,
      to: text,
      actor: text,
      reason: text,
      at: time,
    } satisfies FieldTypes<Event>),
  },
  apiKey: {
    table: 'api_keys',
    tieBreaker: 'id',
    fields: withColumns({
      id: text,
      name: text,
      role: fieldType('role', 'role'),
      domainId: text,
      createdAt: time,
      expiresAt: time,
      revokedAt: time,
      madeByKey: text,
    } satisfies FieldTypes<ApiKey>),
  },
  blockedHostname: {
    table: 'blocked_hostnames',
    // Unique in a domain, by which these are ordered first.
    tieBreaker: 'hostnameKey',
    fields: withColumns({
      domainId: text,
      hostnameKey: text,
    } satisfies FieldTypes<BlockedHostname>),
  },
  rollout: {
    table: 'rollouts',
    tieBreaker: 'id',
    fields: withColumns({
      id: text,
      domainId: text,
      pluginId: text,
      createdAt: time,
    } satisfies FieldTypes<Rollout>),
  },
  rolloutStep: {
    table: 'rollout_steps',
    source: '(SELECT s.*, r.domain_id FROM rollout_steps s JOIN rollouts r ON r.id = s.rollout_id)',
    // Unique in a rollout, by whose positions these are ordered first.
    tieBreaker: 'supervisorId',
    fields: withColumns({
      domainId: text,
      rolloutId: text,
      supervisorId: text,
      position: int,
      state: fieldType('kind', 'rollout_step_state'),
    } satisfies FieldTypes<RolloutStep & Pick<Rollout, 'domainId'>>),
  },
  release: {
    table: 'releases',
    tieBreaker: 'id',
    fields: withColumns({
      id: text,
      domainId: text,
      isPublic: flag,
      pluginId: text,
      version: versionText,
      createdAt: time,
      retiredAt: time,
    } satisfies FieldTypes<Release>),
  },
  deployment: {
    table: 'deployments',
    tieBreaker: 'id',
    fields: withColumns({
      id: text,
      domainId: text,
      name: text,
      pluginId: text,
      version: text,
      mode: fieldType('kind', 'deployment_mode'),
      isPaused: flag,
      conditions: fieldType('conditions', 'jsonb'),
      createdAt: time,
      updatedAt: time,
    } satisfies FieldTypes<Deployment>),
  },
} as const satisfies Record<Entity, EntityDefinition>;

/** The field with this name, if the entity has one. */
export function fieldNamed(entity: Entity, name: string): Field | undefined {
  const { fields }: EntityDefinition = entities[entity];
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The field with this name. A name from a client is to be checked before by `fieldNamed`. */
export function requireField(entity: Entity, name: string): Field {
  const found = fieldNamed(entity, name);
  if (!found) throw new Error(`${entity} has no field ${name}`);
  return found;
}
