import { badUserInput } from '../base/errors.ts';
import type { Limits } from '../base/settings.ts';
import { operandsOf } from '../query/operands.ts';
import { type ConditionList, conditionLists } from './conditionLists.ts';
import { type Input, type InputPath, parseList } from './parseInput.ts';

/** The most regular expressions of a query: PostgreSQL tries each on each row. */
const maxPatterns = 20;

/** A condition that is not parsed yet. */
interface GivenCondition {
  readonly at: InputPath;
  readonly operator: unknown;
  readonly operand: unknown;
}

/**
 * Holds a query's conditions, and the request's fields beside it, against the limits of filters (W2), before anything of
 * them is parsed.
 *
 * @throws InputError with the path of the condition by which they are too many
 */
export function requireBoundedConditions({ filterNodes, filterOperands }: Limits, query: Input, fields: Input): void {
  const conditions = conditionLists(query).flatMap((list) => givenConditions(list, filterNodes));
  requireAtMost(filterNodes, 'conditions', conditions, () => 1);
  requireAtMost(maxPatterns, 'patterns', conditions, patternsOf);
  const ofFields = Object.entries(fields).map(([name, operand]) => ({ at: [name], operator: 'eq', operand }));
  requireAtMost(filterOperands, 'values', [...ofFields, ...conditions], ({ operand }) =>
    operandsOf(operand, filterOperands),
  );
}

function givenConditions({ list, at }: ConditionList, most: number): GivenCondition[] {
  return parseList(list, most, at).map((input, i) => {
    const { v, value = v, o, operator = o } = (input ?? {}) as Input;
    return { at: [...at, i], operator, operand: value };
  });
}

function patternsOf({ operator, operand }: GivenCondition): number {
  if (operator !== 'regex' && operator !== 'regex_in') return 0;
  return Array.isArray(operand) ? operand.length : 1;
}

function requireAtMost(
  most: number,
  things: string,
  conditions: readonly GivenCondition[],
  countIn: (condition: GivenCondition) => number,
): void {
  let count = 0;
  for (const condition of conditions) {
    count += countIn(condition);
    if (count > most) throw badUserInput(condition.at, `expected at most ${most} ${things}; got more`);
  }
}
