import { allOf, type Condition } from '../query/condition.ts';
import type { Parameters } from '../query/context.ts';
import { requireField } from '../query/fields.ts';
import { compileJsonLeaf, jsonAtSql } from '../query/jsonLeaf.ts';
import { parseCondition, type SearchContext } from './conditions.ts';
import { type Key, parseKey } from './keys.ts';
import { type InputPath, parseList } from './parseInput.ts';
import { parseRowPath, type StageScope } from './stageScope.ts';
import type { RowPath } from './stages.ts';

/**
 * Parses a list of conditions that must all hold of a stage's rows. The paths of its leaves lead into a row as JSON, and their
 * values are those of JSON.
 *
 * @throws InputError that names the condition
 */
export function parseRowConditions(
  context: SearchContext,
  scope: StageScope,
  value: unknown,
  at: InputPath,
): Condition {
  const inputs = parseList(value, context.limits.filterNodes, at);
  return allOf(...inputs.map((input, i) => parseRowCondition(context, scope, input, [...at, i])));
}

function parseRowCondition(context: SearchContext, scope: StageScope, input: unknown, at: InputPath): Condition {
  let path: RowPath = [];
  const condition = parseCondition(context, input, at, (text, keyAt) => {
    path = parseRowPath(scope, text, keyAt);
    return scope.names === null ? parseKey(scope.entity, text, keyAt) : keyOfMadeRow(String(text), path);
  });
  return atPath(condition, path);
}

/** A key into rows that a stage has made, of whose values no type is known. */
function keyOfMadeRow(text: string, path: RowPath): Key {
  const [name = ''] = path;
  return { text, name, path, wire: { field: name }, field: requireField('supervisor', 'labels') };
}

/** A condition on a field as one on the value at `path`. */
export function atPath(condition: Condition, path: RowPath): Condition {
  if ('all' in condition) return { all: condition.all.map((part) => atPath(part, path)) };
  if ('any' in condition) return { any: condition.any.map((part) => atPath(part, path)) };
  if ('not' in condition) return { not: atPath(condition.not, path) };
  if ('related' in condition) return atPath(condition.where, path);
  return { ...condition, path, value: jsonValue(condition.value) };
}

/** A condition's value as JSON has it: a time is the text by which the wire writes it. */
function jsonValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(jsonValue);
  return value instanceof Date ? value.toISOString() : value;
}

/** The SQL of a condition of `atPath` on a JSON value. */
export function rowConditionSql(parameters: Parameters, condition: Condition, json: string): string {
  const partsSql = (parts: readonly Condition[]) => parts.map((part) => rowConditionSql(parameters, part, json));
  if ('all' in condition) return `(${['TRUE', ...partsSql(condition.all)].join(' AND ')})`;
  if ('any' in condition) return `(${['FALSE', ...partsSql(condition.any)].join(' OR ')})`;
  if ('not' in condition) return `NOT ${rowConditionSql(parameters, condition.not, json)}`;
  if ('related' in condition) throw new Error('expected a condition on one row');
  return `(${compileJsonLeaf(parameters, condition, jsonAtSql(json, condition.path ?? [], parameters))})`;
}
