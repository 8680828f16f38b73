import { badUserInput } from '../base/errors.ts';
import { describe, isStorable, storableText } from '../base/validate.ts';

export type Path = readonly (string | number)[];
export type Input = Readonly<Record<string, unknown>>;

export const isGiven = (value: unknown) => value !== undefined && value !== null;

/** An object with no other keys than `allowed`; nothing counts as one without keys. */
export function objectOf(value: unknown, allowed: readonly string[], at: Path): Input {
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

/** A list of at most `length`; nothing counts as an empty one. */
export function listOf(value: unknown, length: number, at: Path): readonly unknown[] {
  if (!isGiven(value)) return [];
  if (!Array.isArray(value)) throw badUserInput(at, `expected a list; got ${describe(value)}`);
  if (value.length > length) throw badUserInput(at, `expected at most ${length}; got ${value.length}`);
  return value;
}

export function flagOf(value: unknown, at: Path): boolean {
  if (!isGiven(value)) return false;
  if (typeof value !== 'boolean') throw badUserInput(at, `expected true or false; got ${describe(value)}`);
  return value;
}

export function textOf(value: unknown, at: Path): string | null {
  if (!isGiven(value)) return null;
  if (typeof value !== 'string') throw badUserInput(at, `expected text; got ${describe(value)}`);
  if (!isStorable(value)) throw badUserInput(at, storableText);
  return value;
}

/** A whole number from 0 up. */
export function countOf(value: unknown, at: Path): number | null {
  if (!isGiven(value)) return null;
  if (typeof value !== 'number' || (value | 0) !== value || value < 0) {
    throw badUserInput(at, `expected a whole number from 0 up; got ${describe(value)}`);
  }
  return value;
}

/** What stands under a name or under its short form; undefined where neither does. */
export function eitherOf(input: Input, short: string, long: string, at: Path): unknown {
  if (input[short] !== undefined && input[long] !== undefined) {
    throw badUserInput([...at, short], `expected ${short} or ${long}, not both`);
  }
  return input[short] !== undefined ? input[short] : input[long];
}

/** One key of an order as the wire has it. */
export interface SortInput {
  readonly key: unknown;
  readonly desc: boolean;
  readonly at: Path;
}

/** An order: a list of `{key, desc}`, or the older single object `{key, desc}` or `{keys: [...]}`. */
export function sortOf(value: unknown, length: number, at: Path): SortInput[] {
  const one = (input: unknown, place: Path): SortInput => {
    const { key, desc } = objectOf(input, ['key', 'desc'], place);
    return { key, desc: flagOf(desc, [...place, 'desc']), at: [...place, 'key'] };
  };
  if (Array.isArray(value)) return listOf(value, length, at).map((input, i) => one(input, [...at, i]));
  const { keys, ...single } = objectOf(value, ['key', 'desc', 'keys'], at);
  const listed = listOf(keys, length, [...at, 'keys']).map((input, i) => one(input, [...at, 'keys', i]));
  if (listed.length > 0 || single.key === undefined) return listed;
  return [one(single, at)];
}

/** Which rows of a result. */
export interface PageInput {
  /** Rows before the page. */
  readonly offset: number;
  /** Null where the client asked for no number. */
  readonly limit: number | null;
}

/** @throws DomainError BAD_USER_INPUT for a limit above `most`. */
export function pageOf(value: unknown, most: number, at: Path): PageInput {
  const page = objectOf(value, ['start', 'limit'], at);
  const start = page.start;
  if (isGiven(start) && (typeof start !== 'number' || (start | 0) !== start)) {
    throw badUserInput([...at, 'start'], `expected a whole number; got ${describe(start)}`);
  }
  const limit = countOf(page.limit, [...at, 'limit']) ?? 0;
  if (limit > most) throw badUserInput([...at, 'limit'], `expected at most ${most}; got ${limit}`);
  return { offset: Math.max(0, Number(start ?? 1) - 1), limit: limit === 0 ? null : limit };
}
