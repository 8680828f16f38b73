import { type ModelRow, modelCompare, modelSorted, modelValue } from './queryModel.ts';

/** A stage as the wire has it; taken to be well formed. */
export type ModelStage =
  | { unwind: { path: string; filter?: ModelCondition[] } }
  | { group: { keys?: ModelGroupKey[]; fields?: ModelGroupField[] } }
  | { count: { name: string } }
  | { sort: { key: string; desc?: boolean } | { keys: { key: string; desc?: boolean }[] } }
  | { limit: number }
  | { skip: number }
  | { project: { fields?: ModelProjectField[]; exclude_keys?: boolean } };

interface ModelCondition {
  k: string;
  v: unknown;
  o: string;
}
interface ModelGroupKey {
  k: string;
  n: string;
  date_format?: string;
}
interface ModelGroupField {
  k?: string;
  n: string;
  o: string;
  fields?: readonly { k: string; n: string }[];
  conditions?: ModelCondition[];
}
interface ModelProjectField {
  k: string;
  n: string;
  o?: string;
}

/** JSON whose text is the same for the same value. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

function distinctOf(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [canonical(value), value])).values()];
}

/** Sorted distinct values, of lists their elements'. */
export function modelDistinct(rows: readonly ModelRow[], key: string): unknown[] {
  const values = rows.flatMap((row) => modelValue(row, key)).filter((value) => value !== null);
  return distinctOf(values).sort(modelCompare);
}

/** `aggregate`: the stages, in order. */
export function modelAggregate(rows: readonly ModelRow[], stages: readonly ModelStage[]): ModelRow[] {
  let groupKeys: string[] = [];
  let current = [...rows];
  for (const stage of stages) {
    current = applied(current, stage, groupKeys);
    if ('group' in stage) groupKeys = (stage.group.keys ?? []).map(({ n }) => n);
    if ('count' in stage) groupKeys = [];
    if ('project' in stage && stage.project.exclude_keys) groupKeys = [];
  }
  return current;
}

function applied(rows: ModelRow[], stage: ModelStage, groupKeys: readonly string[]): ModelRow[] {
  if ('unwind' in stage) {
    const { path, filter = [] } = stage.unwind;
    return rows
      .flatMap((row) => unwound(row, path))
      .filter((row) => filter.every((condition) => holds(row, condition)));
  }
  if ('group' in stage) return grouped(rows, stage.group.keys ?? [], stage.group.fields ?? []);
  if ('count' in stage) return [{ [stage.count.name]: rows.length }];
  if ('sort' in stage) return modelSorted(rows, 'keys' in stage.sort ? stage.sort.keys : [stage.sort]);
  if ('limit' in stage) return rows.slice(0, stage.limit);
  if ('skip' in stage) return rows.slice(stage.skip);
  return rows.map((row) => projected(row, stage.project, groupKeys));
}

function unwound(row: ModelRow, path: string): ModelRow[] {
  const value = modelValue(row, path);
  if (value === null) return [];
  return (Array.isArray(value) ? value : [value]).map((element) => {
    const copy = structuredClone(row);
    const parts = path.split('.');
    const last = parts.pop() ?? '';
    const target = parts.reduce<ModelRow>((inner, part) => inner[part] as ModelRow, copy);
    target[last] = element;
    return copy;
  });
}

function keyValue(row: ModelRow, { k, date_format: format }: ModelGroupKey): unknown {
  const value = modelValue(row, k);
  if (!format || typeof value !== 'string') return value;
  const [year = '', month = '', day = ''] = value.slice(0, 10).split('-');
  const numbers: Record<string, string> = { year, month, day };
  if (Object.hasOwn(numbers, format)) return Number(numbers[format]);
  const parts: Record<string, string> = {
    Y: year,
    m: month,
    d: day,
    H: value.slice(11, 13),
    M: value.slice(14, 16),
    S: value.slice(17, 19),
    L: value.slice(20, 23),
    '%': '%',
  };
  return format.replace(/%(.)/g, (_, letter: string) => parts[letter] ?? '');
}

function grouped(rows: readonly ModelRow[], keys: readonly ModelGroupKey[], fields: readonly ModelGroupField[]) {
  const groups = Map.groupBy(rows, (row) => canonical(keys.map((key) => keyValue(row, key))));
  return [...groups.values()].map((members) => {
    const [first = {}] = members;
    return Object.fromEntries([
      ...keys.map((key) => [key.n, keyValue(first, key)]),
      ...fields.map((field) => [field.n, collected(members, field)]),
    ]);
  });
}

const holds = (row: ModelRow, { k, v, o }: ModelCondition): boolean => {
  const value = modelValue(row, k);
  const elements = Array.isArray(value) ? value : [value];
  const isEqual = v === null ? value === null : elements.includes(v);
  if (o === 'eq') return isEqual;
  if (o === 'not') return !isEqual;
  return elements.some((one) => {
    if (one === null || typeof one !== typeof v) return false;
    const order = modelCompare(one, v);
    return { lt: order < 0, lte: order <= 0, gt: order > 0, gte: order >= 0 }[o as 'lt'];
  });
};

function collected(members: readonly ModelRow[], { k = '', o, fields, conditions = [] }: ModelGroupField): unknown {
  const counted = members.filter((row) => conditions.every((condition) => holds(row, condition)));
  const object = (row: ModelRow) =>
    Object.fromEntries((fields ?? []).map(({ k: key, n }) => [n, modelValue(row, key)]));
  const all = members.map((row) => (fields ? object(row) : modelValue(row, k)));
  const values = all.filter((value) => value !== null);
  const numbers = counted.map((row) => modelValue(row, k)).filter((value) => typeof value === 'number');
  const sum = numbers.reduce((total, value) => total + value, 0);
  const sorted = [...values].sort(modelCompare);
  const meanings: Record<string, () => unknown> = {
    count: () => counted.length,
    sum: () => sum,
    average: () => (numbers.length > 0 ? sum / numbers.length : null),
    max: () => sorted.at(-1) ?? null,
    min: () => sorted[0] ?? null,
    first: () => all[0],
    last: () => all.at(-1),
    push: () => values,
    add_to_set: () => distinctOf(values),
    merge_objects: () =>
      Object.assign({}, ...values.filter((value) => typeof value === 'object' && !Array.isArray(value))),
  };
  return meanings[o]?.();
}

function projected(
  row: ModelRow,
  { fields = [], exclude_keys: excludes = false }: { fields?: ModelProjectField[]; exclude_keys?: boolean },
  groupKeys: readonly string[],
): ModelRow {
  const others = fields.length === 0 ? Object.keys(row) : groupKeys;
  const kept = others.filter((name) => !(excludes && groupKeys.includes(name)));
  return Object.fromEntries([
    ...kept.map((name) => [name, row[name]]),
    ...fields.map(({ k, n, o }) => [n, derived(modelValue(row, k), o)]),
  ]);
}

function derived(value: unknown, operator: string | undefined): unknown {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  switch (operator) {
    case 'size':
      return Array.isArray(value) ? value.length : null;
    case 'sum':
      return (Array.isArray(value) ? value : [value])
        .filter((one) => typeof one === 'number')
        .reduce((total, one) => total + one, 0);
    case 'array_to_object': {
      if (!Array.isArray(value)) return null;
      const pairs = value.map((one) => (Array.isArray(one) ? one : [modelValue(one, 'k'), modelValue(one, 'v')]));
      return Object.fromEntries(
        pairs.filter(([key]) => typeof key === 'string').map(([key, inner]) => [key, inner ?? null]),
      );
    }
    case 'object_to_array':
      return isObject ? Object.entries(value as ModelRow).map(([k, v]) => ({ k, v })) : null;
    default:
      return value;
  }
}
