import { PluginState, SupervisorState } from '@muster/db';
import { badUserInput } from '../base/errors.ts';
import { isStorable } from '../base/validate.ts';
import { concatSql, literal, sql } from './concatSql.ts';
import { type Entity, type Field, requireField } from './fields.ts';
import type { OrderKey, PageRequest } from './keyset.ts';

/** The part of a cursor that names the order, so that a cursor of another order is refused. */
const orderSignature = (order: readonly OrderKey[]) => order.map((key) => `${key.field}:${key.direction}`).join();

/** The cursor of a row: the values that its place in the order is made of. */
export function keysetCursor(
  entity: Entity,
  order: readonly OrderKey[],
  row: Readonly<Record<string, unknown>>,
): string {
  const values = order.map((key) => row[requireField(entity, key.field).column]);
  return Buffer.from(JSON.stringify([orderSignature(order), ...values])).toString('base64url');
}

/** `keysetCursor` as SQL, for the row that is called `alias`; the same text to the byte. */
export function keysetCursorSql(entity: Entity, order: readonly OrderKey[], alias: string): string {
  const values = order.flatMap((key) => [
    literal(','),
    sql(`to_json(${alias}."${requireField(entity, key.field).column}")`),
  ]);
  const text = concatSql([literal(`["${orderSignature(order)}"`), ...values, literal(']')]);
  return `translate(encode(convert_to(${text}, 'UTF8'), 'base64'), E'+/=\\n', '-_')`;
}

/**
 * The values in the cursor of a page, or null for a page without one.
 *
 * @throws DomainError BAD_USER_INPUT for a text that is no cursor of this order
 */
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
  if (!order.every((key, i) => isValueOf(requireField(entity, key.field), values[i]))) throw refuse();
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
