import { badUserInput } from '../base/errors.ts';
import type { Limits } from '../base/settings.ts';
import { describe, isObject } from '../base/validate.ts';
import { type Condition, everything } from './condition.ts';
import type { PluginFilter, SupervisorFilter } from './filter.ts';
import { parseFilter } from './parseFilter.ts';

/** The rows that a bulk change is for: those that a filter accepts, or all. */
export interface BulkSelection<Filter> {
  readonly filter?: Filter | null | undefined;
  /** Whether the change is for all rows, in place of a filter. */
  readonly all?: boolean | null | undefined;
}

/**
 * B1: parses the selection of a bulk change. A part that says nothing, which a list's filter may have, is refused: an
 * operand that a client forgot must not mean everybody.
 *
 * @throws DomainError BAD_USER_INPUT, with the path of the part that says nothing, and as `parseFilter`
 */
export function parseBulkFilter(
  entity: 'supervisor' | 'plugin',
  { filter, all }: BulkSelection<SupervisorFilter | PluginFilter>,
  limits: Limits,
): Condition {
  if (all === true) {
    if (filter === null || filter === undefined) return everything;
    throw badUserInput(['all'], 'expected a filter or all: true, not both');
  }
  if (!isObject(filter)) {
    throw badUserInput(['filter'], `expected a filter of at least one condition, or all: true; got ${told(filter)}`);
  }
  const parsed = parseFilter(entity, filter, limits);
  requireConditions(filter, ['filter']);
  return parsed;
}

type Path = readonly (string | number)[];

/** Operators that every text or every JSON object meets where the operand is empty. */
const emptyMeansAll: ReadonlySet<string> = new Set(['contains', 'startsWith', 'endsWith']);

/**
 * B1: each part of a filter must be a condition: whatever stands beside it, a part that says nothing is a mistake.
 *
 * @throws DomainError BAD_USER_INPUT, with the path of the part that says nothing
 */
export function requireConditions(filter: object, path: Path): void {
  const parts = Object.entries<unknown>({ ...filter });
  if (parts.length === 0) throw saysNothing(path, 'at least one condition', filter);
  for (const [key, value] of parts) requirePart(key, value, [...path, key]);
}

function requirePart(key: string, value: unknown, path: Path): void {
  if (key === 'and' || key === 'or') {
    if (!Array.isArray(value) || value.length === 0) throw saysNothing(path, 'at least one filter', value);
    for (const [i, part] of value.entries()) requireFilter(part, [...path, i]);
  } else if (key === 'not' || key === 'supervisor') {
    requireFilter(value, path);
  } else if (key === 'plugins') {
    requireQuantifiers(value, path);
  } else {
    requireOperators(value, path, key === 'state');
  }
}

function requireFilter(value: unknown, path: Path): void {
  if (!isObject(value)) throw saysNothing(path, 'a filter', value);
  requireConditions(value, path);
}

/** `some: {}` and `none: {}` ask for supervisors with plugins and without; `every: {}` asks for nothing. */
function requireQuantifiers(value: unknown, path: Path): void {
  const quantified = isObject(value) ? Object.entries(value) : [];
  if (quantified.length === 0) throw saysNothing(path, 'some, none or every', value);
  for (const [quantifier, where] of quantified) {
    const isEmpty = isObject(where) && Object.keys(where).length === 0;
    if (!isEmpty || quantifier === 'every') requireFilter(where, [...path, quantifier]);
  }
}

function requireOperators(value: unknown, path: Path, isState: boolean): void {
  const operators = isObject(value) ? Object.entries(value).filter(([name]) => name !== 'insensitive') : [];
  if (operators.length === 0) throw saysNothing(path, 'at least one operator', value);
  for (const [operator, operand] of operators) {
    const operands: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
    // The state NONE is no filter.
    if (operands.length === 0 || operands.some((each) => isNothing(operator, each) || (isState && each === 'NONE'))) {
      throw saysNothing([...path, operator], 'a value that not every row meets', operand);
    }
  }
}

function isNothing(operator: string, operand: unknown): boolean {
  if (operand === null || operand === undefined) return true;
  if (!emptyMeansAll.has(operator)) return false;
  return operand === '' || (typeof operand === 'object' && Object.keys(operand).length === 0);
}

function saysNothing(path: Path, expected: string, value: unknown) {
  return badUserInput(
    path,
    `expected ${expected}, since each part must be a condition that means something; got ${told(value)}`,
  );
}

const told = (value: unknown) =>
  isObject(value) && Object.keys(value).length === 0 ? 'an empty one' : describe(value);
