import { conditionsInScopeSql, tagsInScopeSql } from '../access/visibility.ts';
import type { Condition, Leaf, Operator } from './condition.ts';
import type { CompileContext } from './context.ts';
import { type Entity, entities, type Field, requireField } from './fields.ts';
import { foldCaseSql, foldParameterSql } from './foldCase.ts';
import { compileJsonLeaf, jsonAtSql, matchesSql } from './jsonLeaf.ts';
import { scopeSql } from './scopeSql.ts';
import { tableSql } from './tableSql.ts';

/** The value of a field, of the row that is called `alias`: a quoted column. */
export function columnSql(alias: string, field: Field): string {
  if (field.ofLease) return `(SELECT l."${field.column}" FROM leases l WHERE l.supervisor_id = ${alias}.id)`;
  return `${alias}."${field.column}"`;
}

/** The SQL of a condition on the row that is called `alias`: an expression that is true or false, never null. */
export function compileCondition(context: CompileContext, entity: Entity, condition: Condition, alias: string): string {
  const partsSql = (parts: readonly Condition[]) => parts.map((part) => compileCondition(context, entity, part, alias));
  if ('all' in condition) return joinedSql(partsSql(condition.all), { word: 'AND', none: 'TRUE' });
  if ('any' in condition) return joinedSql(partsSql(condition.any), { word: 'OR', none: 'FALSE' });
  if ('not' in condition) return `NOT ${compileCondition(context, entity, condition.not, alias)}`;
  if ('related' in condition) return compileRelated(context, condition, alias);
  const field = requireField(entity, condition.field);
  return compileLeaf(context, field, condition, valueSql(context, entity, field, alias));
}

function joinedSql(parts: readonly string[], { word, none }: { word: 'AND' | 'OR'; none: string }): string {
  const [first] = parts;
  if (first === undefined) return none;
  return parts.length === 1 ? first : `(${parts.join(` ${word} `)})`;
}

function compileRelated(
  context: CompileContext,
  condition: Extract<Condition, { related: string }>,
  alias: string,
): string {
  const inner = `${alias}r`;
  if (condition.related === 'supervisor') {
    const where = compileCondition(context, 'supervisor', condition.where, inner);
    return `EXISTS (SELECT FROM supervisors ${inner} WHERE ${inner}.id = ${alias}.supervisor_id AND ${where})`;
  }
  const where = compileCondition(context, 'plugin', condition.where, inner);
  const wanted = condition.quantifier === 'every' ? `NOT ${where}` : where;
  const exists = `EXISTS (SELECT FROM ${tableSql(context, 'plugin', inner)} WHERE ${inner}.supervisor_id = ${alias}.id
    AND ${scopeSql(context, inner)} AND ${wanted})`;
  return condition.quantifier === 'some' ? exists : `NOT ${exists}`;
}

/** The SQL of a column as the viewer sees it (A6). */
export function valueSql(context: CompileContext, entity: Entity, field: Field, alias: string): string {
  const { tags, conditions } = entities.supervisor.fields;
  const ofSupervisor = entity === 'supervisor';
  if (ofSupervisor && field === tags) return tagsInScopeSql(context.scope, alias, context.parameters.add);
  if (ofSupervisor && field === conditions) return conditionsInScopeSql(context.scope, alias, context.parameters.add);
  return columnSql(alias, field);
}

function compileLeaf(context: CompileContext, field: Field, condition: Leaf, column: string): string {
  const { parameters } = context;
  const { operator, value } = condition;
  if (field.type === 'list') return compileJsonLeaf(parameters, condition, `to_jsonb(${column})`);
  if (condition.path) return compileJsonLeaf(parameters, condition, jsonAtSql(column, condition.path, parameters));
  if (isEnum(field) && textOperators.has(operator)) {
    return compileLeaf(context, stateText, condition, `(${column}::text COLLATE "C")`);
  }
  const folds = condition.insensitive === true && field.type === 'text';
  const left = folds ? foldCaseSql(column) : column;
  const right = () => {
    const parameter = parameters.add(value, field.pgType);
    return folds ? foldParameterSql(parameter) : parameter;
  };
  const list = () =>
    folds
      ? `ARRAY(SELECT ${foldCaseSql('v')} FROM unnest(${parameters.add(value, 'text[]')}) AS v)`
      : listSql(field, parameters.add(value, listType(field)));
  const orFalse = (sql: string) => `coalesce(${sql}, FALSE)`;
  // Never null either, and unlike coalesce a form that an index can serve.
  const compared = (sql: string) => `(${sql} AND ${column} IS NOT NULL)`;
  const hasNull = Array.isArray(value) && value.includes(null);
  switch (operator) {
    case 'eq':
      return compared(`${left} = ${right()}`);
    case 'ne':
      return `${left} IS DISTINCT FROM ${right()}`;
    case 'lt':
      return compared(`${left} < ${right()}`);
    case 'lte':
      return compared(`${left} <= ${right()}`);
    case 'gt':
      return compared(`${left} > ${right()}`);
    case 'gte':
      return compared(`${left} >= ${right()}`);
    case 'in':
      return (hasNull ? orFalse : compared)(`${left} = ANY(${list()})`);
    case 'notIn':
      return `NOT ${orFalse(`${left} = ANY(${list()})`)}`;
    case 'contains':
      return orFalse(`position(${right()} IN ${left}) > 0`);
    case 'startsWith':
      return compared(`starts_with(${left}, ${right()})`);
    case 'endsWith': {
      const end = right();
      return orFalse(`right(${left}, length(${end})) = ${end}`);
    }
    case 'matches':
      return orFalse(matchesSql(column, condition, parameters));
    case 'includes':
      return compared(`${left} @> ${parameters.add(JSON.stringify(value), 'jsonb')}`);
    case 'hasKey':
      return orFalse(`${left} ? ${parameters.add(value, 'text')}`);
    case 'isNull':
      return `(${column} IS NULL) = ${parameters.add(value, 'boolean')}`;
  }
}

/** Operators that compare a state or a kind by name. */
const textOperators: ReadonlySet<Operator> = new Set([
  'lt',
  'lte',
  'gt',
  'gte',
  'contains',
  'startsWith',
  'endsWith',
  'matches',
]);
const stateText: Field = { column: '', type: 'text', pgType: 'text' };

/** PGlite can't send arrays of an enum type, so they go as text. */
const isEnum = (field: Field) => field.type === 'state' || field.type === 'kind' || field.type === 'role';
const listType = (field: Field) => (isEnum(field) ? 'text[]' : `${field.pgType}[]`);
const listSql = (field: Field, sql: string) => (isEnum(field) ? `${sql}::${field.pgType}[]` : sql);
