/** What the query layer can filter and order by. */
export type Entity = 'supervisor' | 'plugin' | 'event' | 'apiKey';

export type FieldType = 'text' | 'state' | 'kind' | 'role' | 'boolean' | 'int' | 'time' | 'object' | 'list';

export interface Field {
  readonly column: string;
  readonly type: FieldType;
  /** PostgreSQL's type, for casts. */
  readonly pgType: string;
}

interface EntityDefinition {
  readonly table: string;
  readonly fields: Readonly<Record<string, Field>>;
  /** The unique column that ends every order. */
  readonly tieBreaker: string;
}

const field = (column: string, type: FieldType, pgType: string): Field => ({ column, type, pgType });
const text = (column: string) => field(column, 'text', 'text');
const time = (column: string) => field(column, 'time', 'timestamptz');
const int = (column: string) => field(column, 'int', 'int');
const flag = (column: string) => field(column, 'boolean', 'boolean');
const object = (column: string) => field(column, 'object', 'jsonb');

/** Keys are the names that filters use; a test holds the columns against the database. */
export const entities = {
  supervisor: {
    table: 'supervisors',
    tieBreaker: 'id',
    fields: {
      id: text('id'),
      domainId: text('domain_id'),
      name: text('name'),
      hostname: text('hostname'),
      state: field('state', 'state', 'supervisor_state'),
      isPublic: flag('is_public'),
      priority: int('priority'),
      labels: object('labels'),
      tags: object('tags'),
      registeredAt: time('registered_at'),
      createdAt: time('created_at'),
      updatedAt: time('updated_at'),
    },
  },
  plugin: {
    table: 'plugins',
    tieBreaker: 'id',
    fields: {
      id: text('id'),
      domainId: text('domain_id'),
      supervisorId: text('supervisor_id'),
      pluginId: text('plugin_id'),
      version: text('version'),
      state: field('state', 'state', 'plugin_state'),
      managed: flag('managed'),
      endpoint: text('endpoint'),
      endpoints: field('endpoints', 'list', 'text[]'),
      generation: int('generation'),
      observedGeneration: int('observed_generation'),
      reason: text('reason'),
      message: text('message'),
      stateChangedAt: time('state_changed_at'),
      createdAt: time('created_at'),
      updatedAt: time('updated_at'),
    },
  },
  event: {
    table: 'events',
    tieBreaker: 'seq',
    fields: {
      seq: field('seq', 'int', 'bigint'),
      domainId: text('domain_id'),
      kind: field('kind', 'kind', 'event_kind'),
      supervisorId: text('supervisor_id'),
      pluginInstanceId: text('plugin_instance_id'),
      from: text('from'),
      to: text('to'),
      actor: text('actor'),
      reason: text('reason'),
      at: time('at'),
    },
  },
  apiKey: {
    table: 'api_keys',
    tieBreaker: 'id',
    fields: {
      id: text('id'),
      name: text('name'),
      role: field('role', 'role', 'role'),
      domainId: text('domain_id'),
      createdAt: time('created_at'),
      expiresAt: time('expires_at'),
      revokedAt: time('revoked_at'),
    },
  },
} as const satisfies Record<Entity, EntityDefinition>;

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
