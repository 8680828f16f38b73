import type { Viewer } from '../access/viewer.ts';
import { badUserInput } from '../base/errors.ts';
import { turnToSerialise } from '../base/turnToSerialise.ts';
import { describe } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { readText } from '../query/boundedText.ts';
import { allOf, type Condition } from '../query/condition.ts';
import { createParameters } from '../query/context.ts';
import { jsonAt } from '../query/jsonLeaf.ts';
import { parseCondition, type SearchContext } from './conditions.ts';
import { defaultOrder, type Key, type OrderedKey, parseKey, typeOfKey } from './keys.ts';
import { type ListUnwind, type WireList, wireListSql } from './listSql.ts';
import { type Input, parseFlag, parseList, parseObject, parsePage, parseSort } from './parseInput.ts';
import { readRequest, requestFields, type SearchRequest } from './request.ts';
import { atPath } from './rowCondition.ts';
import { type SearchEntity, wireFieldsOf } from './wireFields.ts';

/** A result in the wire's names and forms (wire.md): enums by name, times as `YYYY-MM-DDTHH:MM:SS.mmmZ`. */
type WireRow = Readonly<Record<string, unknown>>;

/** The answer to a list. */
export interface SearchResults {
  readonly results: readonly WireRow[];
  /** The number of all matching rows, on this page or not. */
  readonly totalCount: number;
}

/**
 * Lists supervisors by a `SupervisorQuery` as JSON: `{query, supervisor_id, name, is_public, hostname, domain_id}`.
 * See query.md for its meaning. A page has at most `limits.wirePageSize` rows, which is also the default.
 *
 * @throws DomainError BAD_USER_INPUT that names the offending field or condition, FORBIDDEN (A1, A2), or TOO_COMPLEX
 *   for a page of more bytes than `limits.answerBytes` (W3)
 */
export function searchSupervisors(core: Core, viewer: Viewer, request: unknown): Promise<SearchResults> {
  return search(internalsOf(core), viewer, 'supervisor', request);
}

/**
 * Lists plugins by a `PluginQuery`, as `searchSupervisors` does supervisors: `{query, domain_id, supervisor_id, hostname, plugin_id,
 * version, state, endpoint}`, where `hostname` is the supervisor's.
 */
export function searchPlugins(core: Core, viewer: Viewer, request: unknown): Promise<SearchResults> {
  return search(internalsOf(core), viewer, 'plugin', request);
}

const queryFields = [
  'filter',
  'filter_or',
  'keyword',
  'sort',
  'page',
  'only',
  'minimal',
  'count_only',
  'unwind',
  'lookup',
  'add_fields',
];

async function search(
  core: CoreInternals,
  viewer: Viewer,
  entity: SearchEntity,
  request: unknown,
): Promise<SearchResults> {
  const read = await readRequest(core, viewer, request, { entity, fields: requestFields[entity], queryFields });
  const list = parseListQuery(read);
  const parameters = createParameters();
  const text = wireListSql({ parameters, scope: read.scope }, entity, read.where, list);
  const rows = core.db.sql.query<{ totalCount: number; text: string | null }>(text, parameters.values);
  const found = await readText(rows, list.maxBytes, viewer);
  const results: WireRow[] = JSON.parse(found.text);
  await turnToSerialise(core.pacer, viewer.domainId ?? '', found.text.length);
  return {
    results: list.only ? results.map((row) => pickFields(row, list.only ?? [])) : results,
    totalCount: found.totalCount,
  };
}

function parseListQuery({ context, query }: SearchRequest): WireList {
  const { entity, limits } = context;
  refuseStages(query);
  const sorted = parseSort(query.sort, limits.objectKeys, ['query', 'sort']).map(
    ({ key, direction, at }): OrderedKey => ({ key: parseKey(entity, key, at), direction }),
  );
  const page = parsePage(query.page, limits.wirePageSize, ['query', 'page']);
  const unwind = parseUnwind(context, query.unwind);
  const shown = parseShownFields(
    entity,
    query,
    sorted.map(({ key }) => key),
  );
  return {
    order: sorted.length > 0 ? sorted : [defaultOrder(entity)],
    page: { ...page, limit: page.limit ?? limits.wirePageSize },
    maxBytes: limits.answerBytes,
    countOnly: parseFlag(query.count_only, ['query', 'count_only']),
    unwind,
    ...shown,
  };
}

function refuseStages({ lookup, add_fields: addFields }: Input): void {
  const isEmpty = (value: unknown) => value == null || (typeof value === 'object' && Object.keys(value).length === 0);
  for (const [name, value] of Object.entries({ lookup, add_fields: addFields })) {
    if (!isEmpty(value)) {
      throw badUserInput(
        ['query', name],
        `expected no ${name}, a raw database stage, which is not supported; got ${describe(value)}`,
      );
    }
  }
}

/** `only` shows the fields that it or the order names, `minimal` the main fields; by default the message's are shown. */
function parseShownFields(
  entity: SearchEntity,
  query: Input,
  sorted: readonly Key[],
): Pick<WireList, 'fields' | 'only'> {
  const fields = wireFieldsOf(entity);
  const minimal = parseFlag(query.minimal, ['query', 'minimal']);
  const only = parseList(query.only, Object.keys(fields).length * 10, ['query', 'only']).map((name, i) =>
    parseKey(entity, name, ['query', 'only', i]),
  );
  if (only.length > 0) {
    const keys = [...only, ...sorted];
    return { fields: [...new Set(keys.map(({ name }) => name))], only: keys };
  }
  const names = Object.keys(fields).filter((name) => (minimal ? fields[name]?.minimal : fields[name]?.shown));
  return { fields: names, only: null };
}

function parseUnwind(context: SearchContext, value: unknown): ListUnwind | null {
  const at = ['query', 'unwind'];
  const { path, filter } = parseObject(value, ['path', 'filter'], at);
  const inputs = parseList(filter, context.limits.filterNodes, [...at, 'filter']);
  if (path === undefined || path === '') {
    if (inputs.length > 0) throw badUserInput([...at, 'filter'], 'expected none without a path');
    return null;
  }
  const key = parseKey(context.entity, path, [...at, 'path']);
  if (!['list', 'json'].includes(typeOfKey(key))) {
    throw badUserInput([...at, 'path'], `expected a field that can hold a list; got ${describe(path)}`);
  }
  const ofElement: Condition[] = [];
  const ofRow: Condition[] = [];
  for (const [i, input] of inputs.entries()) {
    let into: readonly string[] | null = null;
    const condition = parseCondition(context, input, [...at, 'filter', i], (text, keyAt) => {
      const given = parseKey(context.entity, text, keyAt);
      into = pathInto(key, given);
      return given;
    });
    if (into === null) ofRow.push(condition);
    else ofElement.push(atPath(condition, into));
  }
  return { key, ofElement: allOf(...ofElement), ofRow: allOf(...ofRow) };
}

/** The keys by which a key leads into the value that another leads to; null where it leads elsewhere. */
function pathInto(outer: Key, key: Key): readonly string[] | null {
  const isWithin = key.name === outer.name && outer.path.every((part, i) => key.path[i] === part);
  return isWithin ? key.path.slice(outer.path.length) : null;
}

/** The parts of a row that `only` names: whole fields, or values within their JSON. */
function pickFields(row: WireRow, only: readonly Key[]): WireRow {
  const result: Record<string, unknown> = {};
  for (const { name, path } of only) {
    if (path.length === 0) result[name] = row[name];
  }
  for (const { name, path } of only) {
    if (path.length === 0 || only.some((other) => other.name === name && other.path.length === 0)) continue;
    result[name] ??= {};
    const value = jsonAt(row[name], path);
    if (value !== undefined) putAt(result[name] as Record<string, unknown>, path, value);
  }
  return result;
}

function putAt(target: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    define(target, key, value);
    return;
  }
  if (!Object.hasOwn(target, key)) define(target, key, {});
  putAt(target[key] as Record<string, unknown>, rest, value);
}

/** A key such as `__proto__` is data like any other. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}
