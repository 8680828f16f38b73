import { z } from 'zod';
import { badUserInput, DomainError } from './errors.ts';
import type { Limits } from './settings.ts';

/** A JSON object, as labels and tags are. */
export type JsonObject = { [key: string]: unknown };

const domainIdPattern = /^[A-Za-z0-9._-]{1,64}$/;
const domainId = z.string().regex(domainIdPattern, 'expected 1 to 64 of A-Z a-z 0-9 . _ -');

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
    issue.message.replace(/^(Invalid input|Too big|Too small): /, '').replace(/, received .*$/, ''),
  );
  throw badUserInput([...base, ...path], `${message}; got ${describe(at(value, path))}`);
}

/** A required text of 1 to `length` characters (code points, as PostgreSQL counts), without NUL, which it can't store. */
export function text(length: number) {
  return z
    .string()
    .refine((value) => value.length > 0 && [...value].length <= length, `expected 1 to ${length} characters`)
    .refine((value) => !value.includes('\0'), 'expected text without NUL characters');
}

/** Labels or tags. */
export function jsonObject(limits: Limits) {
  return z
    .record(z.string(), z.unknown())
    .refine((value) => Object.keys(value).length <= limits.objectKeys, `expected at most ${limits.objectKeys} keys`)
    .refine(
      (value) => Buffer.byteLength(JSON.stringify(value)) <= limits.objectBytes,
      `expected at most ${limits.objectBytes} bytes of JSON`,
    )
    .refine((value) => !JSON.stringify(value).includes('\\u0000'), 'expected text without NUL characters');
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, part) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, part) : undefined),
    value,
  );
}

/** What came, short enough to read and to send back. */
export function describe(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string' && value.length > 80) return `a text of ${[...value].length} characters`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) {
    return `an object of ${Object.keys(value).length} keys and ${Buffer.byteLength(JSON.stringify(value))} bytes`;
  }
  return JSON.stringify(value) ?? typeof value;
}

function lowerFirst(message: string): string {
  return message.slice(0, 1).toLowerCase() + message.slice(1);
}
