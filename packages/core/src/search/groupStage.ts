import { badUserInput } from '../base/errors.ts';
import { describe } from '../base/validate.ts';
import { type DateFormat, dateFormats, parseFormat } from './dateFormat.ts';
import { type InputPath, parseList, parseObject, parseText, readAlias } from './parseInput.ts';
import {
  isTimeKey,
  maxStageFields,
  maxStageKeys,
  parseName,
  parseOperator,
  parseRowPath,
  refuseRepeatedNames,
  type StageScope,
} from './stageScope.ts';
import {
  type GroupCondition,
  type GroupField,
  type GroupOperator,
  type GroupStage,
  groupOperators,
  type NamedPath,
} from './stages.ts';
import { parseIsoTime } from './times.ts';

/** Parses `group`. */
export function parseGroup(scope: StageScope, value: unknown, at: InputPath): GroupStage {
  const input = parseObject(value, ['keys', 'fields'], at);
  const keys = parseList(input.keys, maxStageKeys, [...at, 'keys']).map((key, i) =>
    parseGroupKey(scope, key, [...at, 'keys', i]),
  );
  const fields = parseList(input.fields, maxStageFields, [...at, 'fields']).map((field, i) =>
    parseGroupField(scope, field, [...at, 'fields', i]),
  );
  const results = [...keys, ...fields];
  if (results.length === 0) throw badUserInput(at, 'expected keys or fields; got none');
  refuseRepeatedNames(results, at);
  scope.names = results.map(({ name }) => name);
  scope.groupKeys = keys.map(({ name }) => name);
  return { kind: 'group', keys, fields };
}

function parseGroupKey(scope: StageScope, value: unknown, at: InputPath): GroupStage['keys'][number] {
  const input = parseObject(value, ['k', 'key', 'n', 'name', 'date_format'], at);
  const key = readAlias(input, 'k', 'key', at);
  const formatAt = [...at, 'date_format'];
  const format = parseText(input.date_format, formatAt) || null;
  const path = parseRowPath(scope, key, [...at, 'k']);
  const name = parseName(input, key, at);
  if (format === null) return { path, name, format };
  if (!isTimeKey(scope, key, at)) {
    throw badUserInput(formatAt, 'expected none, since the key is no field that holds a time');
  }
  return { path, name, format: parseDateFormat(format, formatAt) };
}

function parseDateFormat(text: string, at: InputPath): DateFormat {
  const format = parseFormat(text);
  if (format === undefined) throw badUserInput(at, `expected ${dateFormats}; got ${describe(text)}`);
  return format;
}

const operatorsWithConditions: ReadonlySet<GroupOperator> = new Set(['count', 'sum', 'average']);
const operatorsWithMembers: ReadonlySet<GroupOperator> = new Set(['push', 'add_to_set']);

function parseGroupField(scope: StageScope, value: unknown, at: InputPath): GroupField {
  const input = parseObject(value, ['k', 'key', 'n', 'name', 'o', 'operator', 'fields', 'conditions'], at);
  const key = readAlias(input, 'k', 'key', at);
  const operator = parseOperator(groupOperators, readAlias(input, 'o', 'operator', at), [...at, 'o']);
  const members = parseList(input.fields, maxStageFields, [...at, 'fields']).map((member, i) =>
    parseMember(scope, member, [...at, 'fields', i]),
  );
  refuseRepeatedNames(members, [...at, 'fields']);
  const conditions = parseList(input.conditions, maxStageKeys, [...at, 'conditions']).map((condition, i) =>
    parseGroupCondition(scope, condition, [...at, 'conditions', i]),
  );
  if (conditions.length > 0 && !operatorsWithConditions.has(operator)) {
    throw badUserInput([...at, 'conditions'], `expected none, since ${operator} takes no conditions`);
  }
  if (members.length > 0 && !operatorsWithMembers.has(operator)) {
    throw badUserInput([...at, 'fields'], `expected none, since ${operator} takes no fields`);
  }
  const needsKey = operator !== 'count' && members.length === 0;
  return {
    name: parseName(input, key, at),
    operator,
    path: needsKey ? parseRowPath(scope, key, [...at, 'k']) : [],
    members: members.length > 0 ? members : null,
    conditions,
  };
}

function parseMember(scope: StageScope, value: unknown, at: InputPath): NamedPath {
  const input = parseObject(value, ['k', 'key', 'n', 'name'], at);
  const key = readAlias(input, 'k', 'key', at);
  return { path: parseRowPath(scope, key, [...at, 'k']), name: parseName(input, key, at) };
}

const conditionOperators = { eq: 'eq', not: 'ne', gt: 'gt', gte: 'gte', lt: 'lt', lte: 'lte' } as const;
const conditionNames = Object.keys(conditionOperators) as (keyof typeof conditionOperators)[];

function parseGroupCondition(scope: StageScope, value: unknown, at: InputPath): GroupCondition {
  const input = parseObject(value, ['k', 'key', 'v', 'value', 'o', 'operator'], at);
  const key = readAlias(input, 'k', 'key', at);
  const path = parseRowPath(scope, key, [...at, 'k']);
  const name = parseOperator(conditionNames, readAlias(input, 'o', 'operator', at), [...at, 'o']);
  const operand = readAlias(input, 'v', 'value', at);
  const operandAt = [...at, 'v'];
  const isEquality = name === 'eq' || name === 'not';
  if (operand === null && isEquality) return { path, operator: 'isNull', value: name === 'eq' };
  const isScalar =
    typeof operand === 'string' ||
    (typeof operand === 'number' && Number.isFinite(operand)) ||
    (typeof operand === 'boolean' && isEquality);
  if (!isScalar) {
    const expected = isEquality ? 'text, a number, true, false or null' : 'text or a number';
    throw badUserInput(operandAt, `expected ${expected}; got ${describe(operand)}`);
  }
  if (typeof operand === 'string') parseText(operand, operandAt);
  const parsed = isTimeKey(scope, key, at) ? parseTimeText(operand, operandAt) : operand;
  return { path, operator: conditionOperators[name], value: parsed };
}

/** Parses a time into the text by which the wire writes it, since conditions compare texts. */
function parseTimeText(value: unknown, at: InputPath): string {
  const time = typeof value === 'string' ? parseIsoTime(value) : undefined;
  if (!time) throw badUserInput(at, `expected a time in ISO 8601; got ${describe(value)}`);
  return time.toISOString();
}
