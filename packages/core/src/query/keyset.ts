import { PluginState, SupervisorState } from '@muster/db';
import { badUserInput } from '../base/errors.ts';
import type { Limits } from '../base/settings.ts';
import { isStorable } from '../base/validate.ts';
import { columnSql, type Parameters } from './compile.ts';
import { type Entity, entities, type Field, fieldNamed } from './fields.ts';

/** One key of an order. */
export interface OrderKey {
  readonly field: string;
  readonly direction: 'ASC' | 'DESC';
}

/** Relay's arguments. */
export interface PageArguments {
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
}

/** A page as asked for: forward from the start or `cursor`, or backward from the end or `cursor`. */
export interface PageRequest {
  readonly limit: number;
  readonly backward: boolean;
  readonly cursor: string | null;
}

/** Rows of a page when neither `first` nor `last` says how many. */
export const defaultPageSize = 20;

/** @throws DomainError BAD_USER_INPUT for arguments that contradict one another or exceed the limits. */
export function pageRequest(page: PageArguments, limits: Limits): PageRequest {
  const { first, after, last, before } = page;
  if (first != null && last != null) throw badUserInput(['last'], 'expected first or last, not both');
  if (before != null && (first != null || after != null)) {
    throw badUserInput(['before'], 'expected before together with last alone; got first or after beside it');
  }
  if (last != null && after != null) throw badUserInput(['after'], 'expected after together with first; got last');
  for (const [name, value] of [['first', first] as const, ['last', last] as const]) {
    if (value != null && !(Number.isInteger(value) && value >= 0 && value <= limits.pageSize)) {
      throw badUserInput([name], `expected 0 to ${limits.pageSize}; got ${value}`);
    }
  }
  return {
    limit: first ?? last ?? Math.min(defaultPageSize, limits.pageSize),
    backward: last != null || before != null,
    cursor: after ?? before ?? null,
  };
}

/** The order asked for, always ended by the unique tie-breaker; fields named twice count once. */
export function totalOrder(entity: Entity, order: readonly OrderKey[], limits: Limits): OrderKey[] {
  const { tieBreaker } = entities[entity];
  if (order.length > limits.objectKeys) throw badUserInput(['orderBy'], `expected at most ${limits.objectKeys} keys`);
  const keys = order.filter((key, i) => order.findIndex((other) => other.field === key.field) === i);
  const end = keys.findIndex((key) => key.field === tieBreaker);
  return end >= 0 ? keys.slice(0, end + 1) : [...keys, { field: tieBreaker, direction: 'ASC' }];
}

/** What a cursor says of the order that it is a place in. */
export const orderSignature = (order: readonly OrderKey[]) =>
  order.map((key) => `${key.field}:${key.direction}`).join();

/** The cursor of a row: the values that its place in the order is made of. */
export function keysetCursor(
  entity: Entity,
  order: readonly OrderKey[],
  row: Readonly<Record<string, unknown>>,
): string {
  const values = order.map((key) => row[fieldOf(entity, key).column]);
  return Buffer.from(JSON.stringify([orderSignature(order), ...values])).toString('base64url');
}

/** @throws DomainError BAD_USER_INPUT for a text that is no cursor of this order. */
export function keysetValues(entity: Entity, order: readonly OrderKey[], request: PageRequest): unknown[] | null {
  if (request.cursor === null) return null;
  const path = [request.backward ? 'before' : 'after'];
  const refuse = () => badUserInput(path, 'expected a cursor of this list in this order; got another text');
  let decoded: unknown;
  try {
    decoded = JSON.parse(Buffer.from(request.cursor, 'base64url').toString());
  } catch {
    throw refuse();
  }
  if (!Array.isArray(decoded) || decoded.length !== order.length + 1) throw refuse();
  const [signature, ...values] = decoded;
  if (signature !== orderSignature(order)) throw refuse();
  // A cursor can be made up: a value that the database couldn't read must not become its error.
  if (!order.every((key, i) => isValueOf(fieldOf(entity, key), values[i]))) throw refuse();
  return values;
}

const choices: Partial<Record<string, object>> = { supervisor_state: SupervisorState, plugin_state: PluginState };

function isValueOf({ type, pgType }: Field, value: unknown): boolean {
  switch (type) {
    case 'text':
      return typeof value === 'string' && isStorable(value);
    case 'state':
      return typeof value === 'string' && Object.hasOwn(choices[pgType] ?? {}, value);
    case 'int':
      return typeof value === 'number' && (value | 0) === value;
    case 'boolean':
      return typeof value === 'boolean';
    case 'time':
      return typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) && !Number.isNaN(Date.parse(value));
    default:
      return false;
  }
}

/** SQL for "comes after `values` in the order, read in this direction". */
export function keysetSql(
  entity: Entity,
  order: readonly OrderKey[],
  backward: boolean,
  values: readonly unknown[],
  alias: string,
  parameters: Parameters,
): string {
  const keys = order.map((key, i) => {
    const field = fieldOf(entity, key);
    return {
      column: columnSql(alias, field),
      value: parameters.add(values[i], field.pgType),
      comparison: (key.direction === 'ASC') !== backward ? '>' : '<',
    };
  });
  const [first] = keys;
  // Where all keys go one way, a row comparison lets PostgreSQL start in the middle of an index.
  if (first && keys.every((key) => key.comparison === first.comparison)) {
    const columns = keys.map((key) => key.column).join(', ');
    return `(${columns}) ${first.comparison} (${keys.map((key) => key.value).join(', ')})`;
  }
  const alternatives = keys.map((key, i) =>
    [
      ...keys.slice(0, i).map((earlier) => `${earlier.column} = ${earlier.value}`),
      `${key.column} ${key.comparison} ${key.value}`,
    ].join(' AND '),
  );
  return `((${alternatives.join(') OR (')}))`;
}

export function orderSql(entity: Entity, order: readonly OrderKey[], backward: boolean, alias: string): string {
  return order
    .map(
      (key) => `${columnSql(alias, fieldOf(entity, key))} ${(key.direction === 'ASC') !== backward ? 'ASC' : 'DESC'}`,
    )
    .join(', ');
}

function fieldOf(entity: Entity, key: OrderKey): Field {
  const field = fieldNamed(entity, key.field);
  if (!field) throw new Error(`${entity} has no field ${key.field}`);
  return field;
}
