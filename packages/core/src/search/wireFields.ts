import type { Plugin, Supervisor } from '@muster/db';

/** The entities that the wire can search. */
export type SearchEntity = 'supervisor' | 'plugin';

/** A field of the wire, and the field of a row that it stands for. */
export interface WireField {
  readonly field: string;
  /** The field belongs to the plugin's supervisor. */
  readonly related?: true;
  /** The field is part of the wire's message, and so of each result that is asked for whole. */
  readonly shown?: true;
  /** The field is part of a result that is asked for with `minimal`. */
  readonly minimal?: true;
  readonly nullable?: true;
}

interface FieldOf<Row> extends WireField {
  readonly field: keyof Row & string;
}

/** The one home of the wire's names of rows' fields: what can be filtered, ordered and shown (wire.md), by these names. */
const wireFields = {
  supervisor: {
    supervisor_id: { field: 'id', shown: true, minimal: true },
    name: { field: 'name', shown: true, minimal: true },
    hostname: { field: 'hostname', shown: true },
    state: { field: 'state', shown: true, minimal: true },
    is_public: { field: 'isPublic', shown: true, minimal: true },
    priority: { field: 'priority', shown: true },
    labels: { field: 'labels', shown: true, minimal: true },
    tags: { field: 'tags', shown: true },
    domain_id: { field: 'domainId', shown: true },
    registered_at: { field: 'registeredAt', nullable: true },
    created_at: { field: 'createdAt', shown: true },
    updated_at: { field: 'updatedAt', shown: true },
  },
  plugin: {
    plugin_id: { field: 'pluginId', shown: true, minimal: true },
    version: { field: 'version', shown: true, minimal: true },
    state: { field: 'state', shown: true, minimal: true },
    endpoint: { field: 'endpoint', shown: true, minimal: true, nullable: true },
    endpoints: { field: 'endpoints', shown: true, minimal: true },
    managed: { field: 'managed', shown: true },
    domain_id: { field: 'domainId', shown: true },
    supervisor_id: { field: 'supervisorId', shown: true },
    supervisor_name: { field: 'name', related: true, shown: true },
    hostname: { field: 'hostname', related: true },
    labels: { field: 'labels', related: true },
    generation: { field: 'generation', shown: true },
    observed_generation: { field: 'observedGeneration', shown: true },
    reason: { field: 'reason', shown: true, nullable: true },
    message: { field: 'message', shown: true, nullable: true },
    state_changed_at: { field: 'stateChangedAt' },
    created_at: { field: 'createdAt' },
    updated_at: { field: 'updatedAt' },
  },
} as const satisfies {
  readonly supervisor: Readonly<Record<string, FieldOf<Supervisor>>>;
  readonly plugin: Readonly<Record<string, FieldOf<Plugin> | (FieldOf<Supervisor> & { readonly related: true })>>;
};

/** The wire's fields of an entity by name, whether they are the row's own or its supervisor's. */
export function wireFieldsOf(entity: SearchEntity): Readonly<Record<string, WireField>> {
  return wireFields[entity];
}

/** The wire's fields of each entity's message, with their names. */
export const messageFields: Readonly<Record<SearchEntity, readonly (WireField & { readonly name: string })[]>> = {
  supervisor: shownFields('supervisor'),
  plugin: shownFields('plugin'),
};

function shownFields(entity: SearchEntity) {
  return Object.entries(wireFieldsOf(entity)).flatMap(([name, field]) => (field.shown ? [{ name, ...field }] : []));
}

/** The field that orders a list whose query names no order. */
export const defaultOrderField = { supervisor: 'name', plugin: 'plugin_id' } as const satisfies {
  readonly [Entity in SearchEntity]: keyof (typeof wireFields)[Entity];
};
