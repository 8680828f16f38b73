import type { Scope } from '../access/policy.ts';

/** Collects the parameters of one statement; input reaches SQL in no other way. */
export interface Parameters {
  readonly values: unknown[];
  /** The placeholder for `value`, cast. */
  add(value: unknown, pgType: string): string;
}

/** Parameters of a new statement: none yet. */
export function createParameters(): Parameters {
  const values: unknown[] = [];
  return {
    values,
    add: (value, pgType) => {
      values.push(value);
      return `$${values.length}::${pgType}`;
    },
  };
}

/** The state that the parts of one statement share. */
export interface CompileContext {
  readonly parameters: Parameters;
  /** The rows that the viewer may see. A condition on a hidden part of a row must reveal nothing of that part (A6). */
  readonly scope: Scope;
}
