import { PluginState, SupervisorState } from '@muster/db';
import { describe, formatJsonProblem, isObject, isStorable, jsonProblem, storableText } from '../base/validate.ts';
import { type Key, typeOfKey } from './keys.ts';
import { booleanOf, integerOf } from './parseInput.ts';
import { isoTime, parseIsoTime, parseRelativeTime, relativeTime } from './times.ts';

/** The refusal of a condition's value: what was expected, and what came. The caller knows where the condition lies. */
export class ValueProblem extends Error {}

/** A condition's value, still unchecked, with all that its meaning depends on. */
export interface Operand {
  readonly key: Key;
  readonly value: unknown;
  readonly now: Date;
  /** The most values of a list. */
  readonly maxValues: number;
}

/** The refusal of `came`. */
export function unexpected(expected: string, came: unknown): ValueProblem {
  return new ValueProblem(`expected ${expected}; got ${describe(came)}`);
}

/** Parses a list of values. */
export function parseValues({ value, maxValues }: Operand): readonly unknown[] {
  if (!Array.isArray(value)) throw unexpected('a list', value);
  if (value.length > maxValues) throw new ValueProblem(`expected at most ${maxValues} values; got ${value.length}`);
  return value;
}

/** Parses a value that the key's field could have. */
export function parseScalar(key: Key, value: unknown): unknown {
  switch (typeOfKey(key)) {
    case 'state':
      return parseChoice(key.field.pgType === 'plugin_state' ? PluginState : SupervisorState, value);
    case 'boolean':
      return parseKnown(booleanOf(value), 'true or false', value);
    case 'int':
      return parseKnown(integerOf(value), 'an integer of 32 bits', value);
    case 'time':
      return parseTime(value);
    case 'json':
      if (typeof value === 'object' || value === undefined) throw unexpected('text, a number, true or false', value);
      return parseJson(value);
    case 'object':
      throw new ValueProblem(`expected a key within ${key.text}, such as ${key.text}.name, or the operator match`);
    default:
      return parsePlainText(value);
  }
}

function parseKnown<Known>(known: Known | undefined, expected: string, value: unknown): Known {
  if (known === undefined) throw unexpected(expected, value);
  return known;
}

/** Parses a name of an enum, in any letter case. */
function parseChoice(choices: object, value: unknown): string {
  const name = upperCaseOf(value);
  if (name !== undefined && Object.hasOwn(choices, name)) return name;
  throw unexpected(`one of ${Object.keys(choices).join(', ')}`, value);
}

/** A text in upper case, as the names of states are; undefined for any other value. */
export const upperCaseOf = (value: unknown) => (typeof value === 'string' ? value.toUpperCase() : undefined);

/** Parses any text that PostgreSQL can store. */
export function parsePlainText(value: unknown): string {
  if (typeof value !== 'string') throw unexpected('text', value);
  if (!isStorable(value)) throw new ValueProblem(storableText);
  return value;
}

const textTypes: ReadonlySet<string> = new Set(['text', 'state', 'json', 'list']);

/** Parses a text to look for within the field's text. */
export function parseSearchText(key: Key, value: unknown): string {
  if (!textTypes.has(typeOfKey(key))) throw new ValueProblem(`expected a field that holds text; got ${key.text}`);
  return parsePlainText(value);
}

/** Parses an object that the field's JSON is to contain. */
export function parseContainedObject({ key, value }: Operand): object {
  if (!['object', 'json'].includes(typeOfKey(key))) {
    throw new ValueProblem(`expected a field that holds JSON; got ${key.text}`);
  }
  if (!isObject(value)) throw unexpected('an object', value);
  return parseJson(value);
}

/** Parses JSON that can be compared with what is stored. */
function parseJson<Value>(value: Value): Value {
  const problem = jsonProblem(value);
  if (problem) throw new ValueProblem(formatJsonProblem(problem));
  return value;
}

/** Parses a time in ISO 8601. */
export function parseTime(value: unknown): Date {
  const time = typeof value === 'string' ? parseIsoTime(value) : undefined;
  if (!time) throw unexpected(isoTime, value);
  return time;
}

/** Parses a time relative to the operand's `now`. */
export function parseTimeDifference({ value, now }: Operand): Date {
  const time = typeof value === 'string' ? parseRelativeTime(value, now) : undefined;
  if (!time) throw unexpected(relativeTime, value);
  return time;
}
