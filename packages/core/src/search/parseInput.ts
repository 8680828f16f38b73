import { badUserInput } from '../base/errors.ts';
import { describe, isStorable, storableText } from '../base/validate.ts';
import type { OrderKey } from '../query/keyset.ts';

/**
 * Where a value lies in the request, for the refusal of it. Parameters of this type are called `at` in this folder, as
 * the error's field is: `path` leads into JSON here.
 */
export type InputPath = readonly (string | number)[];
/** An object of a request, whose values are unchecked. */
export type Input = Readonly<Record<string, unknown>>;

/** Whether a field was given: null counts as left out. */
export const isGiven = (value: unknown) => value !== undefined && value !== null;

/** Parses an object with no other keys than `allowed`; an absent value is an object without keys. */
export function parseObject(value: unknown, allowed: readonly string[], at: InputPath): Input {
  if (!isGiven(value)) return {};
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw badUserInput(at, `expected an object; got ${describe(value)}`);
  }
  const unknown = Object.keys(value as object).find((key) => !allowed.includes(key));
  if (unknown !== undefined) {
    throw badUserInput([...at, unknown], `expected one of ${allowed.join(', ')}; got ${describe(unknown)}`);
  }
  return value as Input;
}

/** Parses a list of at most `length` values; an absent value is an empty list. */
export function parseList(value: unknown, length: number, at: InputPath): readonly unknown[] {
  if (!isGiven(value)) return [];
  if (!Array.isArray(value)) throw badUserInput(at, `expected a list; got ${describe(value)}`);
  if (value.length > length) throw badUserInput(at, `expected at most ${length}; got ${value.length}`);
  return value;
}

/** Parses true or false, also as text; an absent value is false. */
export function parseFlag(value: unknown, at: InputPath): boolean {
  if (!isGiven(value)) return false;
  const flag = booleanOf(value);
  if (flag === undefined) throw badUserInput(at, `expected true or false; got ${describe(value)}`);
  return flag;
}

/** A boolean, or the text of one in any letter case; undefined for any other value. */
export function booleanOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.toLowerCase() : undefined;
  return text === 'true' ? true : text === 'false' ? false : undefined;
}

/** An integer of 32 bits, or the text of one; undefined for any other value. */
export function integerOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,10}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && (number | 0) === number ? number : undefined;
}

/** Parses a text that PostgreSQL can store; null where it is absent. */
export function parseText(value: unknown, at: InputPath): string | null {
  if (!isGiven(value)) return null;
  if (typeof value !== 'string') throw badUserInput(at, `expected text; got ${describe(value)}`);
  if (!isStorable(value)) throw badUserInput(at, storableText);
  return value;
}

/** Parses a whole number from 0 up, also as text; null where it is absent. */
export function parseCount(value: unknown, at: InputPath): number | null {
  if (!isGiven(value)) return null;
  const count = integerOf(value);
  if (count === undefined || count < 0) {
    throw badUserInput(at, `expected a whole number from 0 up; got ${describe(value)}`);
  }
  return count;
}

/** The value of a field that has a short and a long name; undefined where neither is given. */
export function readAlias(input: Input, short: string, long: string, at: InputPath): unknown {
  if (input[short] !== undefined && input[long] !== undefined) {
    throw badUserInput([...at, short], `expected ${short} or ${long}, not both`);
  }
  return input[short] !== undefined ? input[short] : input[long];
}

/** A key of an order, itself still unchecked. */
export interface SortInput {
  readonly key: unknown;
  readonly direction: OrderKey['direction'];
  /** Where the key lies in the request. */
  readonly at: InputPath;
}

/** Parses an order: a list of `{key, desc}`, or the older single object `{key, desc}` or `{keys: [...]}`. */
export function parseSort(value: unknown, length: number, at: InputPath): SortInput[] {
  const parseOne = (input: unknown, inputAt: InputPath): SortInput => {
    const { key, desc } = parseObject(input, ['key', 'desc'], inputAt);
    return { key, direction: parseFlag(desc, [...inputAt, 'desc']) ? 'DESC' : 'ASC', at: [...inputAt, 'key'] };
  };
  if (Array.isArray(value)) return parseList(value, length, at).map((input, i) => parseOne(input, [...at, i]));
  const { keys, ...single } = parseObject(value, ['key', 'desc', 'keys'], at);
  const listed = parseList(keys, length, [...at, 'keys']).map((input, i) => parseOne(input, [...at, 'keys', i]));
  if (listed.length > 0 || single.key === undefined) return listed;
  return [parseOne(single, at)];
}

/** The part of a result that is asked for. */
export interface PageInput {
  /** The number of rows before the page. */
  readonly offset: number;
  /** The most rows of the page; null where the client gave no number. */
  readonly limit: number | null;
}

/** Parses a page; a limit above `most` means `most`. */
export function parsePage(value: unknown, most: number, at: InputPath): PageInput {
  const page = parseObject(value, ['start', 'limit'], at);
  const start = integerOf(page.start ?? 1);
  if (start === undefined) throw badUserInput([...at, 'start'], `expected a whole number; got ${describe(page.start)}`);
  const limit = parseLimit(page.limit, most, [...at, 'limit']);
  return { offset: Math.max(0, start - 1), limit: limit === 0 ? null : limit };
}

/** Consoles ask for more rows than a page may have, up to what 32 bits hold and beyond. */
function parseLimit(value: unknown, most: number, at: InputPath): number {
  const isBeyond = typeof value === 'number' && Number.isInteger(value) && value > most;
  return isBeyond ? most : Math.min(most, parseCount(value, at) ?? 0);
}
