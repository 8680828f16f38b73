import type { Sql } from '@muster/db';
import type { Scope } from '../access/policy.ts';
import { badUserInput } from '../base/errors.ts';
import type { JsonRow } from '../base/rows.ts';
import type { Limits } from '../base/settings.ts';
import { type CompileContext, compileCondition, createParameters, type Parameters } from './compile.ts';
import type { Condition } from './condition.ts';
import type { Entity } from './fields.ts';
import {
  keysetCursor,
  keysetSql,
  keysetValues,
  type OrderKey,
  orderSql,
  type PageArguments,
  pageRequest,
  totalOrder,
} from './keyset.ts';
import { compileScope } from './scope.ts';
import { sourceOf } from './source.ts';

/** One page of a list, in the shape of a Relay connection but for its edges' and counts' laziness. */
export interface Page<Model> {
  readonly edges: readonly { readonly cursor: string; readonly node: Model }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Counts all that matches, on each call. */
  totalCount(): Promise<number>;
}

export interface ListRequest<Model> {
  sql: Sql;
  limits: Limits;
  entity: Entity;
  scope: Scope;
  /** Whether public supervisors of other domains count in (A6). */
  includePublic?: boolean;
  where: Condition;
  orderBy: readonly OrderKey[];
  page: PageArguments;
  model: (row: JsonRow) => Model;
  /** Cursors other than by the order's values; see keyset.ts for the default. */
  cursors?: { of(row: JsonRow): string; values(text: string, path: string): unknown[] };
}

/** One page, by one statement. */
export async function listPage<Model>(request: ListRequest<Model>): Promise<Page<Model>> {
  const parameters = createParameters();
  const plan = planPage(request, parameters, 't');
  const rows = plan.limit === 0 ? [] : await request.sql.query<{ row: JsonRow }>(plan.text, parameters.values);
  return toPage(
    request,
    plan,
    rows.map(({ row }) => row),
    () => countRows(request),
  );
}

/**
 * The same page of each of many parents' rows, by one statement. A parent without rows has an empty page.
 *
 * @param parentColumn the column of `entity` that holds its parent's id
 */
export async function listPagesOf<Model>(
  request: ListRequest<Model>,
  parentColumn: string,
  parentIds: readonly string[],
  countsOf: (parentId: string) => Promise<number>,
): Promise<Map<string, Page<Model>>> {
  const parameters = createParameters();
  const parents = parameters.add(parentIds, 'text[]');
  const plan = planPage(request, parameters, 't', `t."${parentColumn}" = parent.id`);
  const text = `
    SELECT parent.id AS "parentId", page.row
    FROM unnest(${parents}) AS parent(id)
    CROSS JOIN LATERAL (SELECT numbered.row, row_number() OVER () AS place FROM (${plan.text}) numbered) page
    ORDER BY parent.id, page.place`;
  const rows =
    plan.limit === 0 ? [] : await request.sql.query<{ parentId: string; row: JsonRow }>(text, parameters.values);
  const grouped = Map.groupBy(rows, (row) => row.parentId);
  return new Map(
    parentIds.map((id) => [
      id,
      toPage(
        request,
        plan,
        (grouped.get(id) ?? []).map(({ row }) => row),
        () => countsOf(id),
      ),
    ]),
  );
}

/** How many rows match a list's scope and condition. */
export async function countRows(
  request: Pick<ListRequest<unknown>, 'sql' | 'entity' | 'scope' | 'includePublic' | 'where'>,
): Promise<number> {
  const parameters = createParameters();
  const context = { parameters, scope: request.scope };
  const [row] = await request.sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${sourceOf(context, request.entity, 't', request.includePublic)}
     WHERE ${compileScope(context, 't', request.includePublic)} AND ${compileCondition(context, request.entity, request.where, 't')}`,
    parameters.values,
  );
  return row?.count ?? 0;
}

/** As `countRows`, for each of many parents. */
export async function countRowsOf(
  request: Pick<ListRequest<unknown>, 'sql' | 'entity' | 'scope' | 'where'>,
  parentColumn: string,
  parentIds: readonly string[],
): Promise<Map<string, number>> {
  const parameters = createParameters();
  const context = { parameters, scope: request.scope };
  const rows = await request.sql.query<{ parentId: string; count: number }>(
    `SELECT t."${parentColumn}" AS "parentId", count(*)::int AS count FROM ${sourceOf(context, request.entity, 't')}
     WHERE t."${parentColumn}" = ANY(${parameters.add(parentIds, 'text[]')})
       AND ${compileScope(context, 't')} AND ${compileCondition(context, request.entity, request.where, 't')}
     GROUP BY 1`,
    parameters.values,
  );
  return new Map(rows.map((row) => [row.parentId, row.count]));
}

/** A page's statement in parts, and what its rows mean. */
export interface PageSql {
  readonly from: string;
  readonly where: string;
  readonly orderBy: string;
  readonly order: readonly OrderKey[];
  readonly limit: number;
  readonly backward: boolean;
  readonly hasCursor: boolean;
}

/**
 * @param extra one more condition
 * @throws DomainError BAD_USER_INPUT for arguments or a cursor that don't fit the list
 */
export function pageSql<Model>(
  request: Omit<ListRequest<Model>, 'sql'>,
  context: CompileContext,
  alias: string,
  extra?: string,
): PageSql {
  const { entity, includePublic } = request;
  const page = pageRequest(request.page, request.limits);
  const order = totalOrder(entity, request.orderBy, request.limits);
  const values = request.cursors
    ? page.cursor === null
      ? null
      : request.cursors.values(page.cursor, page.backward ? 'before' : 'after')
    : keysetValues(entity, order, page);
  const where = [
    ...(extra ? [extra] : []),
    compileScope(context, alias, includePublic),
    compileCondition(context, entity, request.where, alias),
    ...(values ? [keysetSql(entity, order, page.backward, values, alias, context.parameters)] : []),
  ];
  return {
    from: sourceOf(context, entity, alias, includePublic),
    where: where.join(' AND '),
    orderBy: orderSql(entity, order, page.backward, alias),
    order,
    limit: page.limit,
    backward: page.backward,
    hasCursor: page.cursor !== null,
  };
}

interface PagePlan extends PageSql {
  readonly text: string;
}

function planPage<Model>(request: ListRequest<Model>, parameters: Parameters, alias: string, extra?: string): PagePlan {
  const page = pageSql(request, { parameters, scope: request.scope }, alias, extra);
  // One more than asked for tells whether there is a further page.
  const text = `SELECT to_jsonb(${alias}) - 'secret_hash' AS row FROM ${page.from}
    WHERE ${page.where} ORDER BY ${page.orderBy} LIMIT ${parameters.add(page.limit + 1, 'int')}`;
  return { ...page, text };
}

function toPage<Model>(
  request: ListRequest<Model>,
  plan: PagePlan,
  rows: readonly JsonRow[],
  totalCount: () => Promise<number>,
): Page<Model> {
  const more = rows.length > plan.limit;
  const shown = rows.slice(0, plan.limit);
  if (plan.backward) shown.reverse();
  const cursorOf = request.cursors?.of ?? ((row: JsonRow) => keysetCursor(request.entity, plan.order, row));
  const edges = shown.map((row) => ({ cursor: cursorOf(row), node: request.model(row) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: plan.backward ? plan.hasCursor : more,
      hasPreviousPage: plan.backward ? more : plan.hasCursor,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount,
  };
}

/** The order's keys from a client's `orderBy`, by the names that `fields` gives. */
export function orderKeys<Name extends string>(
  fields: Readonly<Record<Name, string>>,
  orderBy: readonly { field: Name; direction: 'ASC' | 'DESC' }[] | null | undefined,
  fallback: readonly OrderKey[],
): readonly OrderKey[] {
  if (!orderBy || orderBy.length === 0) return fallback;
  return orderBy.map(({ field, direction }, i) => {
    const name = fields[field];
    if (name === undefined)
      throw badUserInput(['orderBy', i, 'field'], `expected one of ${Object.keys(fields).join(', ')}`);
    return { field: name, direction };
  });
}
