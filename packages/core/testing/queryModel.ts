/**
 * query.md read literally, over rows in memory: what the search is held against. It shares nothing with the code that
 * it tests. Its input is taken to be well formed.
 */
export type ModelRow = Record<string, unknown>;

interface ModelCondition {
  k: string;
  v: unknown;
  o: string;
}

export interface ModelQuery {
  filter?: ModelCondition[];
  filter_or?: ModelCondition[];
  keyword?: string;
  sort?: { key: string; desc?: boolean }[];
  page?: { start?: number; limit?: number };
  only?: string[];
  minimal?: boolean;
  count_only?: boolean;
}

export interface ModelEntity {
  /** The unique field that ends every order, as in the rows given. */
  tieBreaker: string;
  keywordKeys: string[];
  order: string;
  /** Fields whose texts are times. */
  times: string[];
  shown: string[];
  minimal: string[];
}

/** The value at a dotted key; null if there is none. */
export function modelValue(row: unknown, key: string): unknown {
  let value = row;
  for (const part of key.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, part)) return null;
    value = (value as ModelRow)[part];
  }
  return value ?? null;
}

const typeRank = (value: unknown): number => {
  if (value === null || value === undefined) return 0;
  if (Array.isArray(value)) return 4;
  return { number: 1, string: 2, object: 3, boolean: 5 }[typeof value as 'number'] ?? 0;
};

/** Nothing, numbers, texts by bytes, objects, lists, booleans. */
export function modelCompare(left: unknown, right: unknown): number {
  if (typeRank(left) !== typeRank(right)) return typeRank(left) - typeRank(right);
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  const text = (value: unknown) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value ?? null));
  return Buffer.compare(text(left), text(right));
}

/** Ordered by keys, and rows that are alike in all of them by the last. */
export function modelSorted(rows: readonly ModelRow[], sort: readonly { key: string; desc?: boolean }[]): ModelRow[] {
  return [...rows].sort((a, b) => {
    for (const { key, desc } of sort) {
      const order = modelCompare(modelValue(a, key), modelValue(b, key));
      if (order !== 0) return desc ? -order : order;
    }
    return 0;
  });
}

const elementsOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
const isIn = (text: unknown, part: string) =>
  typeof text === 'string' && text.toLowerCase().includes(part.toLowerCase());

function includesJson(whole: unknown, part: unknown): boolean {
  if (Array.isArray(part))
    return Array.isArray(whole) && part.every((inner) => whole.some((outer) => includesJson(outer, inner)));
  if (typeof part !== 'object' || part === null) return whole === part;
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false;
  return Object.entries(part).every(
    ([key, inner]) => Object.hasOwn(whole, key) && includesJson((whole as ModelRow)[key], inner),
  );
}

function ordered(value: unknown, operand: unknown, test: (order: number) => boolean): boolean {
  return elementsOf(value).some(
    (one) => one !== null && typeof one === typeof operand && test(modelCompare(one, operand)),
  );
}

/** `now`, `now/d`, `now/w` and `now/m`, shifted. */
function modelTime(text: string, now: Date): Date {
  const [, unit, sign, count, step] = /^now(?:\/(.))?(?:([+-])(\d+)(.))?$/.exec(text) ?? [];
  const start = new Date(now);
  if (unit) start.setUTCHours(0, 0, 0, 0);
  while (unit === 'w' && start.getUTCDay() !== 1) start.setUTCDate(start.getUTCDate() - 1);
  if (unit === 'm') start.setUTCDate(1);
  const seconds = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 }[step as 's'] ?? 0;
  return new Date(start.getTime() + (sign === '-' ? -1 : 1) * Number(count ?? 0) * seconds * 1_000);
}

const orders: Record<string, (order: number) => boolean> = {
  lt: (order) => order < 0,
  lte: (order) => order <= 0,
  gt: (order) => order > 0,
  gte: (order) => order >= 0,
};

/** The table of operators. */
function modelMeets(row: ModelRow, { k, v, o }: ModelCondition, times: readonly string[], now: Date): boolean {
  const value = modelValue(row, k);
  const [prefix, suffix = ''] = o.split('_');
  const normal = (operand: unknown) => (times.includes(k) ? new Date(operand as string).toISOString() : operand);
  if (prefix === 'datetime') return ordered(value, normal(v), orders[suffix] ?? (() => false));
  if (prefix === 'timediff')
    return ordered(value, modelTime(v as string, now).toISOString(), orders[suffix] ?? (() => false));
  const equal = (operand: unknown) =>
    operand === null ? value === null : elementsOf(value).some((one) => one === normal(operand));
  const list = v as unknown[];
  const meanings: Record<string, () => boolean> = {
    eq: () => equal(v),
    not: () => !equal(v),
    in: () => list.some(equal),
    not_in: () => !list.some(equal),
    exists: () => (value !== null) === v,
    contain: () => elementsOf(value).some((one) => isIn(one, v as string)),
    not_contain: () => !elementsOf(value).some((one) => isIn(one, v as string)),
    contain_in: () => list.some((part) => elementsOf(value).some((one) => isIn(one, part as string))),
    not_contain_in: () => !list.some((part) => elementsOf(value).some((one) => isIn(one, part as string))),
    match: () => includesJson(value, v),
    regex: () => elementsOf(value).some((one) => typeof one === 'string' && new RegExp(v as string, 'i').test(one)),
    regex_in: () =>
      list.some((source) =>
        elementsOf(value).some((one) => typeof one === 'string' && new RegExp(source as string, 'i').test(one)),
      ),
  };
  const meaning = meanings[o];
  if (meaning) return meaning();
  return ordered(value, normal(v), orders[o] ?? (() => false));
}

/** The rows that a query's conditions let through. */
export function modelMatches(rows: readonly ModelRow[], query: ModelQuery, entity: ModelEntity, now: Date): ModelRow[] {
  const { filter = [], filter_or: any = [], keyword = '' } = query;
  const words = keyword.trim().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      filter.every((condition) => modelMeets(row, condition, entity.times, now)) &&
      (any.length === 0 || any.some((condition) => modelMeets(row, condition, entity.times, now))) &&
      (words.length === 0 || words.some((word) => entity.keywordKeys.some((key) => isIn(modelValue(row, key), word)))),
  );
}

/** The part of a result that a page asks for. */
export function modelPage<Item>(items: readonly Item[], page: { start?: number; limit?: number } = {}): Item[] {
  const start = Math.max(1, page.start ?? 1);
  return items.slice(start - 1, page.limit ? start - 1 + page.limit : undefined);
}

/** The model's answer to a list; the rows must contain their tie-breakers. */
export function modelList(
  rows: readonly ModelRow[],
  query: ModelQuery,
  entity: ModelEntity,
  now: Date,
): { results: ModelRow[]; totalCount: number } {
  const matching = modelMatches(rows, query, entity, now);
  const sort = query.sort?.length ? query.sort : [{ key: entity.order }];
  const page = modelPage(modelSorted(matching, [...sort, { key: entity.tieBreaker }]), query.page);
  const named = query.only?.length ? [...query.only, ...(query.sort ?? []).map(({ key }) => key)] : null;
  const fields = named ?? (query.minimal ? entity.minimal : entity.shown);
  const show = (row: ModelRow) => {
    const shown: ModelRow = {};
    for (const key of fields) {
      const [name = '', inner] = key.split('.');
      if (inner === undefined || fields.includes(name)) shown[name] = row[name] ?? null;
      else {
        const part = modelValue(row, key);
        const had = (shown[name] ?? {}) as ModelRow;
        shown[name] = Object.hasOwn((row[name] ?? {}) as ModelRow, inner) ? { ...had, [inner]: part } : had;
      }
    }
    return shown;
  };
  return { results: query.count_only ? [] : page.map(show), totalCount: matching.length };
}
