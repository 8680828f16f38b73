import { badUserInput, DomainError, exactNumber } from '@muster/core';
import { tooComplex } from '../errors/refusals.ts';
import type { Guard } from './guard.ts';
import { maxLevels, tooDeep } from './nesting.ts';
import type { Charge } from './rateLimiter.ts';

/** How many values take a point: they are parsed and coerced in the time that a point stands for. */
const valuesPerPoint = 2;

/**
 * Refuses numbers that a double doesn't hold; and, with TOO_COMPLEX, variables nested so deep that coercing them, which is recursive, would overflow the stack,
 * and variables of more than `maxValues` values. Variables take points by their values, refused ones twice as many:
 * their whole text was parsed, and they were not counted to the end (W6).
 */
export function variableLimits(maxValues: number, budget: Charge): Guard {
  return {
    stage: 'variables',
    check: (variables, viewer) => {
      const count: Count = { values: 0, isTooDeep: false, hasInexact: false };
      countValues(variables, maxLevels, maxValues, count);
      const isTooMany = count.values > maxValues;
      if (count.isTooDeep || isTooMany) budget.charge(viewer, 1 + count.values);
      if (count.isTooDeep) throw tooComplex(tooDeep('variables'));
      if (isTooMany) throw tooManyValues(maxValues);
      if (count.hasInexact) throw inexactNumber(pathOfInexact(variables) ?? []);
      if (count.values >= valuesPerPoint) budget.charge(viewer, Math.floor(count.values / valuesPerPoint));
    },
  };
}

/** Variables of too many values. */
export function tooManyValues(maxValues: number): DomainError {
  return tooComplex(`expected variables of at most ${maxValues} values; got more`);
}

/** A number that JSON has made another one of, or infinite, whatever it is for: an id, a label. */
function inexactNumber(path: readonly (string | number)[]): DomainError {
  const { code, message } = badUserInput(path, exactNumber);
  return new DomainError(code, message, { path, http: { status: 400 } });
}

const isInexact = (value: unknown) => typeof value === 'number' && Math.abs(value) > Number.MAX_SAFE_INTEGER;

function pathOfInexact(value: unknown): (string | number)[] | null {
  if (isInexact(value)) return [];
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const path = pathOfInexact(inner);
    if (path) return [Array.isArray(value) ? Number(key) : key, ...path];
  }
  return null;
}

interface Count {
  values: number;
  isTooDeep: boolean;
  hasInexact: boolean;
}

/** Counts the values within `value`, no deeper than `levels`, so that its recursion is bounded, and hardly more than `most`. */
function countValues(value: unknown, levels: number, most: number, count: Count): void {
  if (typeof value !== 'object' || value === null || count.values > most) return;
  if (levels === 0) {
    count.isTooDeep = true;
    return;
  }
  for (const inner of Array.isArray(value) ? value : Object.values(value)) {
    count.values += 1;
    if (count.values > most || count.isTooDeep) return;
    count.hasInexact ||= isInexact(inner);
    countValues(inner, levels - 1, most, count);
  }
}
