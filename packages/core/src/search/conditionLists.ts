import type { Input, InputPath } from './parseInput.ts';

/** A list of conditions of a query, and where it lies; both unchecked. */
export interface ConditionList {
  readonly list: unknown;
  readonly at: InputPath;
}

/** Every place of a query, still unchecked, where a list of conditions may be. */
export function conditionLists(query: Input): readonly ConditionList[] {
  const stages = Array.isArray(query.aggregate) ? query.aggregate : [];
  return [
    { list: query.filter, at: ['query', 'filter'] },
    { list: query.filter_or, at: ['query', 'filter_or'] },
    ofUnwind(query.unwind, ['query', 'unwind']),
    ...stages.map((stage, i) => ofUnwind(memberOf(stage, 'unwind'), ['query', 'aggregate', i, 'unwind'])),
  ];
}

function ofUnwind(unwind: unknown, at: InputPath): ConditionList {
  return { list: memberOf(unwind, 'filter'), at: [...at, 'filter'] };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
