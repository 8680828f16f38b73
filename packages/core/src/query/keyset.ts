import { badUserInput } from '../base/errors.ts';
import type { Limits } from '../base/settings.ts';
import { columnSql } from './compile.ts';
import type { Parameters } from './context.ts';
import { type Entity, entities, type Field, requireField } from './fields.ts';

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

/** A page that is asked for: forward from the start or `cursor`, or backward from the end or `cursor`. */
export interface PageRequest {
  readonly limit: number;
  readonly backward: boolean;
  readonly cursor: string | null;
}

/** Rows of a page when neither `first` nor `last` says how many. */
export const defaultPageSize = 20;

/**
 * Checks Relay's arguments.
 *
 * @throws DomainError BAD_USER_INPUT for arguments that contradict each other or exceed the limits
 */
export function readPageRequest(page: PageArguments, limits: Limits): PageRequest {
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

/**
 * The order that is asked for, always ended by the unique tie-breaker; a field that is named twice counts once.
 *
 * @throws DomainError BAD_USER_INPUT for more keys than the limits allow
 */
export function totalOrder(entity: Entity, order: readonly OrderKey[], limits: Limits): OrderKey[] {
  const { tieBreaker } = entities[entity];
  if (order.length > limits.objectKeys) throw badUserInput(['orderBy'], `expected at most ${limits.objectKeys} keys`);
  const keys = order.filter((key, i) => order.findIndex((other) => other.field === key.field) === i);
  const end = keys.findIndex((key) => key.field === tieBreaker);
  return end >= 0 ? keys.slice(0, end + 1) : [...keys, { field: tieBreaker, direction: 'ASC' }];
}

/** An order of an entity's rows, as a page reads it. */
export interface DirectedOrder {
  readonly entity: Entity;
  readonly order: readonly OrderKey[];
  /** Against the order, from its end. */
  readonly backward: boolean;
}

/** The rows that come after a place in the order, as it is read, or all others: the row at the place is one of those. */
export type KeysetSide = 'ahead' | 'behind';

/** SQL for a row's being on this side of the place that has `values`. */
export function keysetSql(
  { entity, order, backward }: DirectedOrder,
  values: readonly unknown[],
  side: KeysetSide,
  alias: string,
  parameters: Parameters,
): string {
  const isUpward = backward === (side === 'behind');
  const keys = order.map((key, i) => {
    const field = requireField(entity, key.field);
    return {
      column: orderColumnSql(alias, field),
      value: parameters.add(sortKeyOf(field, values[i]), field.pgType),
      comparison: (key.direction === 'ASC') === isUpward ? '>' : '<',
    };
  });
  const orEqual = side === 'behind' ? '=' : '';
  const [first] = keys;
  // Where all keys go one way, a row comparison lets PostgreSQL start in the middle of an index.
  if (first && keys.every((key) => key.comparison === first.comparison)) {
    const columns = keys.map((key) => key.column).join(', ');
    return `(${columns}) ${first.comparison}${orEqual} (${keys.map((key) => key.value).join(', ')})`;
  }
  const alternatives = keys.map((key, i) =>
    [
      ...keys.slice(0, i).map((earlier) => `${earlier.column} = ${earlier.value}`),
      `${key.column} ${key.comparison}${i === keys.length - 1 ? orEqual : ''} ${key.value}`,
    ].join(' AND '),
  );
  return `((${alternatives.join(') OR (')}))`;
}

/** SQL for what stands after ORDER BY. */
export function orderSql({ entity, order, backward }: DirectedOrder, alias: string): string {
  return order
    .map((key) => {
      const field = requireField(entity, key.field);
      return `${orderColumnSql(alias, field)} ${(key.direction === 'ASC') !== backward ? 'ASC' : 'DESC'}`;
    })
    .join(', ');
}

/** The SQL of the column by which rows are ordered where a field is asked for. */
export function orderColumnSql(alias: string, field: Field): string {
  return field.sortKey ? `${alias}."${field.sortKey.column}"` : columnSql(alias, field);
}

/** The value of that column for a value of the field. */
function sortKeyOf({ sortKey }: Field, value: unknown): unknown {
  return sortKey && typeof value === 'string' ? sortKey.of(value) : value;
}
