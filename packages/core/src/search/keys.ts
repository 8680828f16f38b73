import { badUserInput } from '../base/errors.ts';
import { describe, isStorable, storableText } from '../base/validate.ts';
import { type Field, fieldNamed } from '../query/fields.ts';
import type { OrderKey } from '../query/keyset.ts';
import type { InputPath } from './parseInput.ts';
import { defaultOrderField, type SearchEntity, type WireField, wireFieldsOf } from './wireFields.ts';

/** A field by the wire's name, with keys into its JSON: `labels.env`. */
export interface Key {
  /** The key as the client wrote it. */
  readonly text: string;
  /** The wire's name of the field. */
  readonly name: string;
  /** The keys into the field's JSON; empty for the whole field. */
  readonly path: readonly string[];
  readonly wire: WireField;
  readonly field: Field;
}

/** The most names that a dotted key may have. */
const maxKeys = 10;

/** Splits a dotted key into its names. @throws InputError for anything but 1 to 10 names */
export function splitKey(text: unknown, at: InputPath): string[] {
  if (typeof text !== 'string') throw badUserInput(at, `expected a key; got ${describe(text)}`);
  if (!isStorable(text)) throw badUserInput(at, storableText);
  const parts = text.split('.');
  if (parts.length > maxKeys || parts.includes('')) {
    throw badUserInput(at, `expected a key of 1 to ${maxKeys} names with dots between; got ${describe(text)}`);
  }
  return parts;
}

/** Parses a dotted key. @throws InputError where the entity has no such field, or the field holds no JSON to go into */
export function parseKey(entity: SearchEntity, text: unknown, at: InputPath): Key {
  const [name = '', ...path] = splitKey(text, at);
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

/** The type of the value that a key leads to: JSON, or the type of the field's column. */
export function typeOfKey(key: Key): Field['type'] | 'json' {
  return key.path.length > 0 ? 'json' : key.field.type;
}

/** A key of an order. */
export interface OrderedKey {
  readonly key: Key;
  readonly direction: OrderKey['direction'];
}

/** The order of a list whose query names none; the tie-breaker completes it. */
export function defaultOrder(entity: SearchEntity): OrderedKey {
  return { key: parseKey(entity, defaultOrderField[entity], []), direction: 'ASC' };
}
