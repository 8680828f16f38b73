import { badUserInput } from '../base/errors.ts';
import type { Limits } from '../base/settings.ts';
import { describe, isStorableTime, jsonProblem } from '../base/validate.ts';
import { allOf, type Condition, type Operator } from './condition.ts';
import { type Entity, type Field, fieldNamed } from './fields.ts';
import type {
  DeploymentFilter,
  EventFilter,
  PluginFilter,
  ReleaseFilter,
  RolloutStepFilter,
  SupervisorFilter,
} from './filter.ts';
import { nestedItemsOf, operandsOf } from './operands.ts';

/**
 * Parses a typed filter. All parts that stand side by side must hold. A part that says nothing (null, {}, an operator
 * whose operand is null, or the state NONE, which stands for "no filter") lets every row through.
 *
 * @param path the path of the filter in the input, which refusals name; `filter` by default
 * @throws DomainError BAD_USER_INPUT for a filter larger than the limits, or of relations within relations within
 *   relations (W2)
 */
export function parseFilter(
  entity: Entity,
  filter:
    | SupervisorFilter
    | PluginFilter
    | EventFilter
    | RolloutStepFilter
    | ReleaseFilter
    | DeploymentFilter
    | null
    | undefined,
  limits: Limits,
  path: Path = ['filter'],
): Condition {
  return new FilterParser(limits).parse(entity, filter, path);
}

/**
 * As `parseFilter`, for a watch, which tests rows as of events.
 *
 * @throws DomainError BAD_USER_INPUT as `parseFilter`, and for a condition on what changes without an event
 */
export function parseWatchFilter(
  entity: Entity,
  filter: SupervisorFilter | PluginFilter | null | undefined,
  limits: Limits,
): Condition {
  return new FilterParser(limits, { ofEvents: true }).parse(entity, filter, ['filter']);
}

type Path = readonly (string | number)[];

/** The fields that typed filters call otherwise than rows do. */
const fieldsByKey: Readonly<Record<string, string>> = { drain: 'drainState' };

/** The name of the row's own id where a filter is on changes of rows. */
const idKeys: Partial<Record<Entity, string>> = { supervisor: 'supervisorId', plugin: 'pluginInstanceId' };

/** The operators on labels and tags, which typed filters call otherwise than conditions do. */
const objectOperators: Readonly<Record<string, Operator>> = { contains: 'includes', hasKey: 'hasKey' };

const quantifiers = ['some', 'none', 'every'] as const;

/** W2: relations nest once, as from a plugin to its supervisor and on to the plugins of that one. */
const maxRelations = 2;

/** Objects and lists within the lists of one value: see `nestedItemsOf`. */
const maxNestedItems = 50;

/** Parses one filter, and counts the conditions and their values on the way. */
class FilterParser {
  readonly #limits: Limits;
  /** Whether rows are tested as of events, which know no field of the lease. */
  readonly #ofEvents: boolean;
  #conditions = 0;
  #operands = 0;

  constructor(limits: Limits, { ofEvents = false }: { ofEvents?: boolean } = {}) {
    this.#limits = limits;
    this.#ofEvents = ofEvents;
  }

  /** @param relations how many relations lead from the filtered rows to those of `entity` */
  parse(entity: Entity, filter: unknown, path: Path, relations = 0): Condition {
    this.#count(path);
    const parts = Object.entries((filter ?? {}) as object);
    return allOf(
      ...parts.map(([key, value]) =>
        value == null ? undefined : this.#parsePart({ entity, relations }, key, value, [...path, key]),
      ),
    );
  }

  #count(path: Path): void {
    this.#conditions += 1;
    const { filterNodes } = this.#limits;
    if (this.#conditions > filterNodes) {
      throw badUserInput(path, `expected a filter of at most ${filterNodes} conditions`);
    }
  }

  #parsePart({ entity, relations }: FilteredRows, key: string, value: unknown, path: Path): Condition {
    const parts = () => (value as unknown[]).map((part, i) => this.parse(entity, part, [...path, i], relations));
    if (key === 'and') return { all: parts() };
    if (key === 'or') return { any: parts() };
    if (key === 'not') return { not: this.parse(entity, value, path, relations) };
    if (key === 'supervisor' && entity === 'plugin') {
      requireRelation(relations, path);
      return { related: 'supervisor', where: this.parse('supervisor', value, path, relations + 1) };
    }
    if (key === 'plugins' && entity === 'supervisor') {
      requireRelation(relations, path);
      return this.#parsePlugins(value as object, path, relations + 1);
    }
    const name = key === idKeys[entity] ? 'id' : (fieldsByKey[key] ?? key);
    const field = fieldNamed(entity, name);
    if (!field) throw badUserInput(path, `expected a field of ${entity}; got ${describe(key)}`);
    if (field.ofLease && this.#ofEvents) {
      throw badUserInput(
        path,
        `expected a condition that events can tell, such as one on connected; a heartbeat changes ${key} without an event`,
      );
    }
    if (field.type === 'conditions') return this.#parseConditionTypes(name, value as ConditionTypes, path);
    return this.#parseField(name, field, value as object, path);
  }

  /** Each type is looked for by itself: a supervisor has one condition of a type at most. */
  #parseConditionTypes(field: string, { has, hasSome }: ConditionTypes, path: Path): Condition {
    const carries = (type: string, at: Path): Condition => {
      this.#checkValue({ type: 'text' }, type, at);
      return { field, operator: 'includes', value: [{ type }] };
    };
    return allOf(
      has == null ? undefined : carries(has, [...path, 'has']),
      hasSome == null ? undefined : { any: hasSome.map((type, i) => carries(type, [...path, 'hasSome', i])) },
    );
  }

  #parsePlugins(
    filter: { readonly [Quantifier in (typeof quantifiers)[number]]?: unknown },
    path: Path,
    relations: number,
  ): Condition {
    const given = quantifiers.filter((quantifier) => filter[quantifier] != null);
    return allOf(
      ...given.map(
        (quantifier): Condition => ({
          related: 'plugins',
          quantifier,
          where: this.parse('plugin', filter[quantifier], [...path, quantifier], relations),
        }),
      ),
    );
  }

  #parseField(name: string, field: Field, filter: { readonly insensitive?: unknown }, path: Path): Condition {
    const { insensitive, ...operators } = filter;
    const leaves = Object.entries<unknown>(operators).map(([key, value]): Condition | undefined => {
      if (value === undefined || value === null) return undefined;
      this.#checkValue(field, value, [...path, key]);
      const operator = (field.type === 'object' && objectOperators[key]) || (key as Operator);
      if (field.type === 'state') return stateCondition(name, operator, value);
      return { field: name, operator, value, ...(insensitive === true ? { insensitive } : {}) };
    });
    return allOf(...leaves);
  }

  #checkValue(field: Pick<Field, 'type'>, value: unknown, path: Path): void {
    this.#count(path);
    const { filterOperands } = this.#limits;
    this.#operands += operandsOf(value, filterOperands);
    if (this.#operands > filterOperands) {
      throw badUserInput(path, `expected a filter of at most ${filterOperands} values; got more`);
    }
    const problem = jsonProblem(value instanceof Date ? null : value);
    if (problem) throw badUserInput([...path, ...problem.path], problem.expected);
    if (field.type === 'object' && nestedItemsOf(value) > maxNestedItems) {
      throw badUserInput(path, `expected at most ${maxNestedItems} objects and lists within lists; got more`);
    }
    const values: readonly unknown[] = Array.isArray(value) ? value : [value];
    if (field.type === 'int' && values.some((each) => each !== null && !isInt32(each))) {
      throw badUserInput(path, `expected an integer of 32 bits; got ${describe(value)}`);
    }
    if (field.type === 'time' && values.some((each) => each instanceof Date && !isStorableTime(each))) {
      throw badUserInput(path, 'expected a time; got an invalid one');
    }
  }
}

/** A filter on the types of conditions. */
interface ConditionTypes {
  readonly has?: string | null;
  readonly hasSome?: readonly string[] | null;
}

/** The rows that a part of a filter is about. */
interface FilteredRows {
  readonly entity: Entity;
  readonly relations: number;
}

/** @throws InputError below `maxRelations` relations: each one more could visit all rows for each row before it */
function requireRelation(relations: number, path: Path): void {
  if (relations < maxRelations) return;
  throw badUserInput(path, `expected relations within at most ${maxRelations - 1} other; got one more`);
}

const isInt32 = (value: unknown) => typeof value === 'number' && (value | 0) === value;

/** NONE is a state that is never stored: a filter that names it doesn't filter by state. */
function stateCondition(field: string, operator: Operator, value: unknown): Condition | undefined {
  if (!Array.isArray(value)) return value === 'NONE' ? undefined : { field, operator, value };
  if (operator === 'in' && value.includes('NONE')) return undefined;
  return { field, operator, value: value.filter((state) => state !== 'NONE') };
}
