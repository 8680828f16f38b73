import { z } from 'zod';
import { badUserInput, DomainError, formatPath } from './errors.ts';
import type { Limits } from './settings.ts';

/** A JSON object, as labels and tags are. */
export type JsonObject = { [key: string]: unknown };

const domainIdPattern = /^[A-Za-z0-9._-]{1,64}$/;
/** The schema of a domain's id. */
export const domainId = z.string().regex(domainIdPattern, 'expected 1 to 64 of A-Z a-z 0-9 . _ -');

/** @throws InputError unless the value is a domain's id */
export function parseDomainId(value: unknown): string {
  return parse(domainId, value, ['domainId']);
}

/**
 * Parses `value`, or throws BAD_USER_INPUT for the first thing wrong with it: its path under `base`, what was
 * expected and what came.
 */
export function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  base: readonly (string | number)[] = [],
): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  if (!issue) throw new DomainError('BAD_USER_INPUT', 'the input is malformed');
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  const message = lowerFirst(
    issue.message.replace(/^(Invalid input|Invalid option|Too big|Too small): /, '').replace(/, received .*$/, ''),
  );
  throw badUserInput([...base, ...path], `${message}; got ${describe(valueAt(value, path))}`);
}

/** Whether a value is an object with keys: neither null nor a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether PostgreSQL can store a text: it takes no NUL, and no half of a surrogate pair. */
export function isStorable(value: string): boolean {
  return !value.includes('\0') && value.isWellFormed();
}

/** The refusal of a text that is not storable. */
export const storableText = 'expected text without NUL characters or unpaired surrogates';

/** Whether a time is within the years 1 to 9999, which PostgreSQL and RFC 3339 can both write. An invalid time is not. */
export function isStorableTime(time: Date): boolean {
  const year = time.getUTCFullYear();
  return year >= 1 && year <= 9999;
}

/** A required text of 1 to `length` characters (code points, as PostgreSQL counts) of any kind, such as a secret. */
export function anyText(length: number) {
  return z
    .string()
    .refine(
      (value) => value.length > 0 && (value.length <= length || [...value].length <= length),
      `expected 1 to ${length} characters`,
    )
    .refine(isStorable, storableText);
}

/**
 * S10: a required name, hostname, id, version or endpoint of 1 to `length` characters, in which everything can be seen:
 * two that look alike would be taken for one.
 */
export function text(length: number) {
  return anyText(length).superRefine((value, context) => {
    const [unseen] = value.match(invisible) ?? [];
    if (unseen !== undefined) {
      context.addIssue({
        code: 'custom',
        message: `expected no control or invisible characters such as ${nameOf(unseen)}`,
      });
    } else if (value.trim() === '') {
      context.addIssue({ code: 'custom', message: 'expected a text that is not blank' });
    }
  });
}

/** S10: control characters, and those that have no width or change the direction of the text around them. */
const invisible = /[\p{Cc}\u00AD\u061C\u180E\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF]/u;

/** A character by its number: `U+200B`. */
function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

/** Deeper JSON is refused, before a recursive function meets it. */
export const jsonDepth = 100;

/** The place in a JSON value where something is wrong with it, and what was expected there. */
export interface JsonProblem {
  readonly path: readonly (string | number)[];
  readonly expected: string;
}

/** The first reason why a JSON value can't be stored whole; undefined if it can. */
export function jsonProblem(value: unknown): JsonProblem | undefined {
  const found = findJsonProblem(value, 0);
  // A path of that many keys would help nobody.
  return found && found.path.length >= jsonDepth ? { ...found, path: [] } : found;
}

/** A problem in words, with its place. */
export function formatJsonProblem({ path, expected }: JsonProblem): string {
  return path.length === 0 ? expected : `${formatPath(path)}: ${expected}`;
}

function findJsonProblem(value: unknown, depth: number): JsonProblem | undefined {
  if (!isJsonContainer(value)) {
    const expected = plainProblem(value);
    return expected === undefined ? undefined : { path: [], expected };
  }
  if (depth === jsonDepth) return { path: [], expected: `expected at most ${jsonDepth} levels of JSON` };
  for (const [key, inner] of Object.entries(value)) {
    if (!isStorable(key)) return { path: [], expected: storableText };
    const found = findJsonProblem(inner, depth + 1);
    if (found) return { ...found, path: [Array.isArray(value) ? Number(key) : key, ...found.path] };
  }
  return undefined;
}

/** The refusal of a number that JSON can't hold, or that may have been another one before it became a double. */
export const exactNumber = `expected a number from -${Number.MAX_SAFE_INTEGER} to ${Number.MAX_SAFE_INTEGER}, beyond which digits get lost; send it as a text`;

const isExactNumber = (value: number) => Math.abs(value) <= Number.MAX_SAFE_INTEGER;

/** The problem of a value that is no object and no list. */
function plainProblem(value: unknown): string | undefined {
  if (typeof value === 'string') return isStorable(value) ? undefined : storableText;
  if (typeof value === 'number') return isExactNumber(value) ? undefined : exactNumber;
  return typeof value === 'boolean' || value === null ? undefined : 'expected JSON';
}

/** Whether a value is what JSON.parse makes of an object or a list, or a like one without a prototype. */
function isJsonContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * The schema of labels and tags: a JSON object within the limits. Its keys may be any: zod's own records leave out
 * `__proto__`.
 */
export function jsonObject(limits: Limits) {
  return z
    .custom<JsonObject>(isObject, 'expected a JSON object')
    .refine((value) => Object.keys(value).length <= limits.objectKeys, `expected at most ${limits.objectKeys} keys`)
    .superRefine((value, context) => {
      const problem = jsonProblem(value);
      if (problem) context.addIssue({ code: 'custom', message: problem.expected, path: [...problem.path] });
      else if (Buffer.byteLength(JSON.stringify(value)) > limits.objectBytes) {
        context.addIssue({ code: 'custom', message: `expected at most ${limits.objectBytes} bytes of JSON` });
      }
    });
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, part) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, part) : undefined),
    value,
  );
}

/** A value as a refusal shows it: short enough to read and to send back. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string' && value.length > 80) return `a text of ${[...value].length} characters`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    return jsonProblem(value) === undefined
      ? `an object of ${Object.keys(value).length} keys and ${Buffer.byteLength(JSON.stringify(value))} bytes`
      : `an object of ${Object.keys(value).length} keys`;
  }
  if (typeof value === 'bigint' || typeof value === 'number') return String(value);
  return JSON.stringify(value)?.replaceAll(new RegExp(invisible, 'gu'), escaped) ?? typeof value;
}

/** A character as JSON escapes it, so that a refusal shows what can't be seen. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function lowerFirst(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}

/** A schema that depends on the limits, built once for each set of limits: building one takes far longer than using it. */
export function perLimits<Schema extends z.ZodType>(build: (limits: Limits) => Schema): (limits: Limits) => Schema {
  const built = new WeakMap<Limits, Schema>();
  return (limits) => {
    const schema = built.get(limits) ?? build(limits);
    built.set(limits, schema);
    return schema;
  };
}
