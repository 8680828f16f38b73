import { badUserInput } from '../base/errors.ts';
import { type InputPath, isGiven, parseFlag, parseList, parseObject, readAlias } from './parseInput.ts';
import {
  maxStageFields,
  parseName,
  parseOperator,
  parseRowPath,
  refuseRepeatedNames,
  type StageScope,
} from './stageScope.ts';
import { type ProjectStage, projectOperators } from './stages.ts';

/** Parses `project`. */
export function parseProject(scope: StageScope, value: unknown, at: InputPath): ProjectStage {
  const input = parseObject(value, ['fields', 'exclude_keys'], at);
  const excludes = parseFlag(input.exclude_keys, [...at, 'exclude_keys']);
  const fields = parseList(input.fields, maxStageFields, [...at, 'fields']).map((field, i) =>
    parseProjectField(scope, field, [...at, 'fields', i]),
  );
  refuseRepeatedNames(fields, [...at, 'fields']);
  const named = new Set(fields.map(({ name }) => name));
  // A group's keys stay unless they are excluded. Without fields everything but the excluded keys stays.
  const others = fields.length === 0 ? (scope.names ?? []) : scope.groupKeys;
  const kept = others.filter((name) => !named.has(name) && !(excludes && scope.groupKeys.includes(name)));
  const members = [...kept.map((name) => ({ name, path: [name], operator: null })), ...fields];
  if (members.length === 0) throw badUserInput(at, 'expected fields; got none');
  scope.groupKeys = scope.groupKeys.filter((name) => kept.includes(name));
  scope.names = members.map(({ name }) => name);
  return { kind: 'project', members };
}

function parseProjectField(scope: StageScope, value: unknown, at: InputPath): ProjectStage['members'][number] {
  const input = parseObject(value, ['k', 'key', 'n', 'name', 'o', 'operator'], at);
  const key = readAlias(input, 'k', 'key', at);
  const operator = readAlias(input, 'o', 'operator', at);
  return {
    path: parseRowPath(scope, key, [...at, 'k']),
    name: parseName(input, key, at),
    operator: isGiven(operator) && operator !== '' ? parseOperator(projectOperators, operator, [...at, 'o']) : null,
  };
}
