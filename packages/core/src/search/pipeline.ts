import { badUserInput } from '../base/errors.ts';
import { describe } from '../base/validate.ts';
import type { SearchContext } from './conditions.ts';
import { parseGroup } from './groupStage.ts';
import { parseKey, typeOfKey } from './keys.ts';
import { type Input, type InputPath, isGiven, parseCount, parseList, parseObject, parseSort } from './parseInput.ts';
import { parseProject } from './projectStage.ts';
import { parseRowConditions } from './rowCondition.ts';
import { maxStageKeys, parseRowPath, requireName, type StageScope } from './stageScope.ts';
import type { Stage } from './stages.ts';

/** The most stages of a query. */
const maxStages = 20;

/** The stages of a statistics query, in their order. */
export interface Pipeline {
  readonly stages: readonly Stage[];
  /** The wire's fields that the stages use; results are made of these alone, unless `isWhole`. */
  readonly used: ReadonlySet<string>;
  /** Whether results are whole rows of the entity. */
  readonly isWhole: boolean;
}

/**
 * Parses `aggregate` or `distinct` of a query.
 *
 * @throws InputError that names the offending stage
 */
export function parsePipeline(context: SearchContext, { aggregate, distinct }: Input, at: InputPath): Pipeline {
  const scope: StageScope = { entity: context.entity, names: null, groupKeys: [], used: new Set(), paths: 0 };
  const inputs = parseList(aggregate, maxStages, [...at, 'aggregate']);
  const key = isGiven(distinct) && distinct !== '' ? distinct : null;
  if (inputs.length > 0 === (key !== null)) {
    throw badUserInput(at, `expected one of aggregate and distinct; got ${key === null ? 'neither' : 'both'}`);
  }
  if (key !== null) {
    const path = parseRowPath(scope, key, [...at, 'distinct']);
    return { stages: [{ kind: 'distinct', path }], used: scope.used, isWhole: false };
  }
  const stages = inputs.map((input, i) => parseStage(context, scope, input, [...at, 'aggregate', i]));
  return { stages, used: scope.used, isWhole: scope.names === null };
}

type StageParser = (scope: StageScope, value: unknown, at: InputPath, context: SearchContext) => Stage;

const stageParsers: Readonly<Record<string, StageParser>> = {
  unwind: parseUnwindStage,
  group: parseGroup,
  count: parseCountStage,
  sort: parseSortStage,
  limit: (_, value, at) => ({ kind: 'limit', count: requireWholeNumber(value, 1, at) }),
  skip: (_, value, at) => ({ kind: 'skip', count: requireWholeNumber(value, 0, at) }),
  project: parseProject,
};

function parseStage(context: SearchContext, scope: StageScope, value: unknown, at: InputPath): Stage {
  const given = Object.entries(parseObject(value, Object.keys(stageParsers), at)).filter(([, inner]) => isGiven(inner));
  const [name, inner] = given[0] ?? [];
  const parse = name === undefined || given.length > 1 ? undefined : stageParsers[name];
  if (!parse) {
    throw badUserInput(at, `expected one stage, of ${Object.keys(stageParsers).join(', ')}; got ${given.length}`);
  }
  return parse(scope, inner, [...at, String(name)], context);
}

function requireWholeNumber(value: unknown, least: number, at: InputPath): number {
  const count = parseCount(value, at);
  if (count === null || count < least) {
    throw badUserInput(at, `expected a whole number from ${least} up; got ${describe(value)}`);
  }
  return count;
}

function parseUnwindStage(scope: StageScope, value: unknown, at: InputPath, context: SearchContext): Stage {
  const { path, filter } = parseObject(value, ['path', 'filter'], at);
  const pathAt = [...at, 'path'];
  if (scope.names === null && !['list', 'json'].includes(typeOfKey(parseKey(scope.entity, path, pathAt)))) {
    throw badUserInput(pathAt, `expected a field that can hold a list; got ${describe(path)}`);
  }
  return {
    kind: 'unwind',
    path: parseRowPath(scope, path, pathAt),
    where: parseRowConditions(context, scope, filter, [...at, 'filter']),
  };
}

function parseCountStage(scope: StageScope, value: unknown, at: InputPath): Stage {
  const name = requireName(parseObject(value, ['name'], at).name, [...at, 'name']);
  scope.names = [name];
  scope.groupKeys = [];
  return { kind: 'count', name };
}

function parseSortStage(scope: StageScope, value: unknown, at: InputPath): Stage {
  const keys = parseSort(value, maxStageKeys, at).map(({ key, direction, at: keyAt }) => {
    return { path: parseRowPath(scope, key, keyAt), direction };
  });
  if (keys.length === 0) throw badUserInput(at, 'expected a key; got none');
  return { kind: 'sort', keys };
}
