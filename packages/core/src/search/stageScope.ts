import { badUserInput } from '../base/errors.ts';
import { describe } from '../base/validate.ts';
import { parseKey, splitKey, typeOfKey } from './keys.ts';
import { type Input, type InputPath, isGiven, parseText, readAlias } from './parseInput.ts';
import type { RowPath } from './stages.ts';
import type { SearchEntity } from './wireFields.ts';

/** The most keys of a group or an order, and the most conditions of a field. */
export const maxStageKeys = 16;
/** The most keys and fields of all stages together: each is an expression of the statement. */
const maxPaths = 200;
/** The most fields of a group or a project: a function of PostgreSQL takes 100 arguments. */
export const maxStageFields = 32;
const maxNameLength = 255;

/** The names that a stage can use, which each stage replaces as the stages are parsed in their order. */
export interface StageScope {
  readonly entity: SearchEntity;
  /** The names in the rows before the stage; null while rows have the wire's fields. */
  names: readonly string[] | null;
  /** The names among them that the last group made its keys. */
  groupKeys: readonly string[];
  /** The wire's fields that the stages use. */
  readonly used: Set<string>;
  /** How many keys and fields the stages have named so far. */
  paths: number;
}

/** Parses a key into the rows before the stage. @throws InputError for a name that these rows lack */
export function parseRowPath(scope: StageScope, text: unknown, at: InputPath): RowPath {
  scope.paths += 1;
  if (scope.paths > maxPaths) throw badUserInput(at, `expected at most ${maxPaths} keys in all stages; got one more`);
  if (scope.names === null) {
    const { name, path } = parseKey(scope.entity, text, at);
    scope.used.add(name);
    return [name, ...path];
  }
  const parts = splitKey(text, at);
  if (!scope.names.includes(parts[0] ?? '')) {
    throw badUserInput(at, `expected one of ${scope.names.join(', ')}; got ${describe(text)}`);
  }
  return parts;
}

/** Whether a key leads to a time: to one of the wire's fields, before any stage has replaced them. */
export function isTimeKey(scope: StageScope, text: unknown, at: InputPath): boolean {
  return scope.names === null && typeOfKey(parseKey(scope.entity, text, at)) === 'time';
}

/** Parses the name of a result, which is the key's own by default. */
export function parseName(input: Input, key: unknown, at: InputPath): string {
  const given = readAlias(input, 'n', 'name', at);
  return requireName(isGiven(given) ? given : key, [...at, 'n']);
}

/** Requires a name that a stage may give. @throws InputError for anything but 1 to 255 characters without dots */
export function requireName(name: unknown, at: InputPath): string {
  if (typeof name !== 'string') throw badUserInput(at, `expected a name; got ${describe(name)}`);
  parseText(name, at);
  if (name === '' || name.includes('.') || [...name].length > maxNameLength) {
    throw badUserInput(at, `expected a name of 1 to ${maxNameLength} characters without dots; got ${describe(name)}`);
  }
  return name;
}

/** @throws InputError where a name comes more than once */
export function refuseRepeatedNames(named: readonly { readonly name: string }[], at: InputPath): void {
  const names = named.map(({ name }) => name);
  const repeated = names.find((name, i) => names.indexOf(name) !== i);
  if (repeated !== undefined) throw badUserInput(at, `expected each name once; got ${describe(repeated)} again`);
}

/** Parses an operator. @throws InputError for any but these */
export function parseOperator<Operator extends string>(
  operators: readonly Operator[],
  value: unknown,
  at: InputPath,
): Operator {
  const operator = operators.find((each) => each === value);
  if (operator === undefined) throw badUserInput(at, `expected one of ${operators.join(', ')}; got ${describe(value)}`);
  return operator;
}
