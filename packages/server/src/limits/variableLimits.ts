import { tooComplex } from '../errors/refusals.ts';
import type { Guard } from './guard.ts';
import { maxLevels, tooDeep } from './nesting.ts';

/** Refuses, with TOO_COMPLEX, variables nested so deep that coercing them, which is recursive, would overflow the stack. */
export function variableLimits(): Guard {
  return {
    stage: 'variables',
    check: (variables) => {
      if (isDeeper(variables, maxLevels)) throw tooComplex(tooDeep('variables'));
    },
  };
}

/** Goes no deeper than `levels`, so that its own recursion is bounded. */
function isDeeper(value: unknown, levels: number): boolean {
  if (!isObject(value)) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
