/** How much a condition counts that looks for a part of a text, where an index is no help. */
const textSearch = 3;
/** How often the conditions on a plugin's supervisor count, and those on a supervisor's plugins. */
const behind = { supervisor: 2, plugins: 10 };
/** How many of a condition's values count as much as the condition. */
const valuesPerCondition = 100;
/** How many fields a word of a keyword is looked for in; further words than these are ignored. */
const keywordFields = 3;
const keywordWords = 20;
/** Relations below this number of others are refused, with their path, before anything is looked for (W2). */
const maxRelations = 2;
/** How much making groups counts. */
const grouping = 2;
/** The keys of groups of which each row, or each label of a row, may have another value; and the most groups that are counted. */
const manyValued: ReadonlySet<unknown> = new Set(['SUPERVISOR_ID', 'LABEL']);
const mostGroups = 5_000;

/** The arguments of a field that make the database look through rows. All are unchecked. */
export interface SearchArguments {
  readonly filter?: unknown;
  readonly keyword?: unknown;
  readonly orderBy?: unknown;
  readonly groupBy?: unknown;
  /** A bulk mutation's, which has a filter. */
  readonly input?: unknown;
}

/** The names of those arguments. */
export const searchArguments = [
  'filter',
  'keyword',
  'orderBy',
  'groupBy',
  'input',
] as const satisfies readonly (keyof SearchArguments)[];

/** How many conditions the arguments of a field come to, for each row that is looked through (docs/limits.md). */
export function conditionsIn({ filter, keyword, orderBy, groupBy, input }: SearchArguments): number {
  const ofBulk = isObject(input) ? conditionsOfFilter(input.filter) : 0;
  const order = orderBy === undefined || orderBy === null ? 0 : 1;
  const groups = groupBy === undefined || groupBy === null ? 0 : grouping;
  return conditionsOfFilter(filter) + ofBulk + conditionsOfKeyword(keyword) + order + groups;
}

/**
 * How many conditions a typed filter comes to, in time that grows with the filter alone. Relations multiply the
 * conditions on the rows behind them. The filter need not be valid.
 *
 * @param relations how many relations lead to the filtered rows
 */
function conditionsOfFilter(filter: unknown, relations = 0): number {
  if (Array.isArray(filter)) return filter.reduce<number>((sum, part) => sum + conditionsOfFilter(part, relations), 0);
  if (!isObject(filter)) return 0;
  return Object.entries(filter).reduce((sum, [key, value]) => sum + conditionsOfPart(key, value, relations), 0);
}

function conditionsOfPart(key: string, value: unknown, relations: number): number {
  if (!isObject(value)) return 0;
  if (key === 'and' || key === 'or' || key === 'not') return conditionsOfFilter(value, relations);
  if (key === 'supervisor') return conditionsBehind(behind.supervisor, value, relations);
  if (key !== 'plugins') return conditionsOnField(value);
  return Object.values(value).reduce<number>(
    (sum, where) => sum + conditionsBehind(behind.plugins, where, relations),
    0,
  );
}

function conditionsBehind(rows: number, filter: unknown, relations: number): number {
  return relations < maxRelations && isObject(filter) ? 1 + rows * conditionsOfFilter(filter, relations + 1) : 0;
}

function conditionsOnField({ insensitive, ...operators }: Readonly<Record<string, unknown>>): number {
  let sum = 0;
  for (const [operator, value] of Object.entries(operators)) {
    if (value === null || value === undefined) continue;
    const isSearch = insensitive === true || operator === 'endsWith' || (operator === 'contains' && !isObject(value));
    const values = Array.isArray(value) ? value.length : 0;
    sum += (isSearch ? textSearch : 1) * (1 + values / valuesPerCondition);
  }
  return sum;
}

function conditionsOfKeyword(keyword: unknown): number {
  if (typeof keyword !== 'string') return 0;
  const words = keyword.trim().split(/\s+/, keywordWords).filter(Boolean).length;
  return words * keywordFields * textSearch;
}

/** How many groups the keys of statistics count as: the keys that tell rows apart make many, each other key ten times as many. */
export function groupsOf(groupBy: unknown): number {
  const keys = Array.isArray(groupBy) ? groupBy : [groupBy];
  return keys.reduce<number>((groups, key) => Math.min(mostGroups, groups * (manyValued.has(key) ? 1_000 : 10)), 1);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
