import { batch, type Signal, signal } from '@preact/signals';

/** An object of the API with an id; ids are unique over all types. */
export interface Entity {
  readonly __typename: string;
  readonly id: string;
  readonly updatedAt?: string;
}

/** The objects that the page knows, each in its own signal: a change of one draws only that one anew. */
export interface Entities {
  /** The signal of an object; it stays the same as long as the page lives. Undefined for one that never came. */
  get<Row extends Entity>(id: string): Signal<Row> | undefined;
  /** Takes an object: fields that it has replace those of before, unless its `updatedAt` is older. */
  merge(entity: Entity): void;
  /** Takes all objects in an answer that have `__typename` and `id`, at any depth. */
  mergeAll(answer: unknown): void;
  /** Forgets all objects, as for another viewer. */
  clear(): void;
}

export function createEntities(): Entities {
  const rows = new Map<string, Signal<Entity>>();

  function merge(entity: Entity): void {
    const known = rows.get(entity.id);
    if (known === undefined) rows.set(entity.id, signal(entity));
    else if (!isOlder(entity, known.peek())) known.value = { ...known.peek(), ...entity };
  }

  function mergeAll(answer: unknown): void {
    if (Array.isArray(answer)) for (const each of answer) mergeAll(each);
    else if (isObject(answer)) {
      for (const each of Object.values(answer)) mergeAll(each);
      if (isEntity(answer)) merge(answer);
    }
  }

  return {
    get: <Row extends Entity>(id: string) => rows.get(id) as Signal<Row> | undefined,
    merge,
    mergeAll: (answer) => batch(() => mergeAll(answer)),
    clear: () => rows.clear(),
  };
}

/** Times of the API are texts of one form, which sort as the times do. */
const isOlder = (entity: Entity, than: Entity) =>
  entity.updatedAt !== undefined && than.updatedAt !== undefined && entity.updatedAt < than.updatedAt;

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const isEntity = (value: object): value is Entity =>
  'id' in value && typeof value.id === 'string' && '__typename' in value && typeof value.__typename === 'string';
