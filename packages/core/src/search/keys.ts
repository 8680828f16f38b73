import { badUserInput } from '../base/errors.ts';
import { describe, isStorable, storableText } from '../base/validate.ts';
import { type Field, fieldNamed } from '../query/fields.ts';

/** What the wire can search. */
export type SearchEntity = 'supervisor' | 'plugin';

interface WireField {
  readonly field: string;
  /** The field is the plugin's supervisor's. */
  readonly related?: true;
  /** Part of the wire's message, so of each result that is asked for whole. */
  readonly shown?: true;
  readonly minimal?: true;
  readonly nullable?: true;
}

/** The wire's names of what can be filtered, ordered and shown (wire.md). */
export const wireFields = {
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
} as const satisfies Record<SearchEntity, Record<string, WireField>>;

/** Fields by the wire's name, whether they are the row's own or its supervisor's. */
export const fieldsOf = (entity: SearchEntity): Readonly<Record<string, WireField>> => wireFields[entity];

/** What lists are ordered by that name no order; the tie-breaker ends it. */
export const defaultOrder = { supervisor: 'name', plugin: 'plugin_id' } as const satisfies Record<SearchEntity, string>;

/** The wire's name of a field, with keys into its JSON: `labels.env`. */
export interface Key {
  /** As the client wrote it. */
  readonly text: string;
  /** The wire's name of the field. */
  readonly name: string;
  readonly path: readonly string[];
  readonly wire: WireField;
  readonly field: Field;
}

/** Keys that one dotted name may have. */
const maxKeys = 10;

/** The parts of a dotted name. */
export function partsOf(text: unknown, at: readonly (string | number)[]): string[] {
  if (typeof text !== 'string') throw badUserInput(at, `expected a key; got ${describe(text)}`);
  if (!isStorable(text)) throw badUserInput(at, storableText);
  const parts = text.split('.');
  if (parts.length > maxKeys || parts.includes('')) {
    throw badUserInput(at, `expected a key of 1 to ${maxKeys} names with dots between; got ${describe(text)}`);
  }
  return parts;
}

/** @throws DomainError BAD_USER_INPUT for what is no field of the entity. */
export function keyOf(entity: SearchEntity, text: unknown, at: readonly (string | number)[]): Key {
  const [name = '', ...path] = partsOf(text, at);
  const fields = fieldsOf(entity);
  const wire = Object.hasOwn(fields, name) ? fields[name] : undefined;
  const field = wire && fieldNamed(wire.related ? 'supervisor' : entity, wire.field);
  if (!wire || !field) {
    throw badUserInput(at, `expected one of ${Object.keys(fields).join(', ')}; got ${describe(text)}`);
  }
  if (path.length > 0 && field.type !== 'object') {
    throw badUserInput(at, `expected a key without dots, since ${name} holds no JSON; got ${describe(text)}`);
  }
  return { text: String(text), name, path, wire, field };
}

/** What a key leads to: JSON, a list, or a column's type. */
export function typeOf(key: Key): Field['type'] | 'json' {
  return key.path.length > 0 ? 'json' : key.field.type;
}
