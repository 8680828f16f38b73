import { badUserInput } from '../base/errors.ts';
import type { JsonRow } from '../base/rows.ts';
import { readBoundedRows } from './boundedRows.ts';
import { compileCondition } from './compile.ts';
import { type CompileContext, createParameters, type Parameters } from './context.ts';
import { countRows } from './count.ts';
import {
  type DirectedOrder,
  keysetSql,
  type OrderKey,
  orderSql,
  type PageRequest,
  readPageRequest,
  totalOrder,
} from './keyset.ts';
import { keysetCursor, keysetValues } from './keysetCursor.ts';
import type { ListRequest } from './listRequest.ts';
import { pageInfoSources } from './pageInfo.ts';
import { scopeSql } from './scopeSql.ts';
import { tableSql } from './tableSql.ts';

/** One page of a list, in the shape of a Relay connection. */
export interface Page<Model> {
  readonly edges: readonly { readonly cursor: string; readonly node: Model }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  /** Counts all rows that match, whatever the page; each call asks the database. */
  totalCount(): Promise<number>;
}

/** A page of many that were read together. Its rows become edges when they are first asked for, so that its reader decides when. */
export interface PageOfMany<Model> extends Page<Model> {
  /** The number of its rows, of which there may be one more than of its edges. */
  readonly rowCount: number;
}

/** Reads one page, by one statement. */
export async function listPage<Model>(request: ListRequest<Model>): Promise<Page<Model>> {
  const parameters = createParameters();
  const plan = planPage(request, parameters, 't');
  const rows =
    plan.limit === 0 ? [] : await readBoundedRows<PageRow>(request, parameters, { text: plan.text, columns: [] });
  return toPage(
    request,
    plan,
    rows.map(({ row }) => row),
    () => countRows(request.db.sql, request),
  );
}

/**
 * Reads the same page of each of many parents' rows, by one statement. A parent without rows has an empty page.
 *
 * @param parentColumn the column of `entity` that holds the parent's id
 * @param countsOf counts the rows of one parent, whatever the page
 */
export async function listPagesOf<Model>(
  request: ListRequest<Model>,
  parentColumn: string,
  parentIds: readonly string[],
  countsOf: (parentId: string) => Promise<number>,
): Promise<Map<string, PageOfMany<Model>>> {
  const parameters = createParameters();
  const parents = parameters.add(parentIds, 'text[]');
  const plan = planPage(request, parameters, 't', `t."${parentColumn}" = parent.id`);
  const text = `
    SELECT parent.id AS "parentId", page.row
    FROM unnest(${parents}) AS parent(id)
    CROSS JOIN LATERAL (SELECT numbered.row, row_number() OVER () AS place FROM (${plan.text}) numbered) page
    ORDER BY parent.id, page.place`;
  const rows =
    plan.limit === 0
      ? []
      : await readBoundedRows<PageRow & { parentId: string }>(request, parameters, { text, columns: ['parentId'] });
  const grouped = Map.groupBy(rows, (row) => row.parentId);
  return new Map(
    parentIds.map((id) => {
      const found = grouped.get(id) ?? [];
      const totalCount = () => countsOf(id);
      const make = () =>
        toPage(
          request,
          plan,
          found.map(({ row }) => row),
          totalCount,
        );
      return [id, madeLater({ rowCount: found.length, totalCount }, make)];
    }),
  );
}

function madeLater<Model>(
  known: Pick<PageOfMany<Model>, 'rowCount' | 'totalCount'>,
  make: () => Page<Model>,
): PageOfMany<Model> {
  let page: Page<Model> | undefined;
  const made = () => {
    page ??= make();
    return page;
  };
  return {
    ...known,
    get edges() {
      return made().edges;
    },
    get pageInfo() {
      return made().pageInfo;
    },
  };
}

interface PageRow {
  readonly row: JsonRow;
}

/** The parts of a page's statement, and what its rows mean. */
export interface PageSql extends DirectedOrder {
  readonly from: string;
  readonly where: string;
  readonly orderBy: string;
  readonly limit: number;
  readonly hasCursor: boolean;
}

/**
 * Compiles a page.
 *
 * @param link one more condition, which ties the rows to a row of an outer statement
 * @throws DomainError BAD_USER_INPUT for arguments or a cursor that don't fit the list
 */
export function pageSql(
  request: Omit<ListRequest<unknown>, 'db'>,
  context: CompileContext,
  alias: string,
  link?: string,
): PageSql {
  const { entity, includePublic } = request;
  const page = readPageRequest(request.page, request.limits);
  const { backward } = page;
  const order = totalOrder(entity, request.orderBy, request.limits);
  const values = cursorValues(request, order, page);
  const where = [
    ...(link ? [link] : []),
    scopeSql(context, alias, { includePublic }),
    compileCondition(context, entity, request.where, alias),
    ...(values ? [keysetSql({ entity, order, backward }, values, alias, context.parameters)] : []),
  ];
  return {
    entity,
    order,
    backward,
    from: tableSql(context, entity, alias, { includePublic }),
    where: where.join(' AND '),
    orderBy: orderSql({ entity, order, backward }, alias),
    limit: page.limit,
    hasCursor: page.cursor !== null,
  };
}

function cursorValues(
  { entity, cursors }: Pick<ListRequest<unknown>, 'entity' | 'cursors'>,
  order: readonly OrderKey[],
  page: PageRequest,
): readonly unknown[] | null {
  if (!cursors) return keysetValues(entity, order, page);
  return page.cursor === null ? null : cursors.values(page.cursor, page.backward ? 'before' : 'after');
}

interface PagePlan extends PageSql {
  readonly text: string;
}

function planPage(request: ListRequest<unknown>, parameters: Parameters, alias: string, link?: string): PagePlan {
  const page = pageSql(request, { parameters, scope: request.scope }, alias, link);
  // One more than asked for tells whether there is a further page.
  const text = `SELECT to_jsonb(${alias}) - 'secret_hash' AS row FROM ${page.from}
    WHERE ${page.where} ORDER BY ${page.orderBy} LIMIT ${parameters.add(page.limit + 1, 'int')}`;
  return { ...page, text };
}

/** The page that the rows make, in the order in which they were looked for. */
function toPage<Model>(
  request: ListRequest<Model>,
  plan: PagePlan,
  rows: readonly JsonRow[],
  totalCount: () => Promise<number>,
): Page<Model> {
  const cursorOf = request.cursors?.of ?? ((row: JsonRow) => keysetCursor(request.entity, plan.order, row));
  const edges = rows.slice(0, plan.limit).map((row) => ({ cursor: cursorOf(row), node: request.model(row) }));
  const known = {
    isMore: rows.length > plan.limit,
    hasCursor: plan.hasCursor,
    firstCursor: edges[0]?.cursor ?? null,
    lastCursor: edges.at(-1)?.cursor ?? null,
  };
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } =
    pageInfoSources[plan.backward ? 'backward' : 'forward'];
  return {
    edges: plan.backward ? edges.reverse() : edges,
    pageInfo: {
      hasNextPage: known[hasNextPage],
      hasPreviousPage: known[hasPreviousPage],
      startCursor: known[startCursor],
      endCursor: known[endCursor],
    },
    totalCount,
  };
}

/** The keys of a client's `orderBy`, whose names `fields` maps to the entity's; `fallback` where the client gives none. */
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
