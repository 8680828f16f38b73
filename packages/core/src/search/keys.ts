import { badUserInput } from '../base/errors.ts';
import { describe, isStorable, storableText } from '../base/validate.ts';
import { type Field, fieldNamed } from '../query/fields.ts';
import { type SearchEntity, type WireField, wireFieldsOf } from './wireFields.ts';

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
  const fields = wireFieldsOf(entity);
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
