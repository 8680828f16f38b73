import { badUserInput } from '../base/errors.ts';
import type { JsonRow } from '../base/rows.ts';
import { readBoundedRows } from './boundedRows.ts';
import { compileCondition } from './compile.ts';
import { type CompileContext, createParameters, type Parameters } from './context.ts';
import { countRows, countRowsOf } from './count.ts';
import {
  type DirectedOrder,
  type KeysetSide,
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
  readonly pageInfo: PageInfo;
  /** Counts all rows that match, whatever the page; each call asks the database. */
  totalCount(): Promise<number>;
}

/** The surroundings of a page. A flag that the rows of the page don't tell asks the database when it is read. */
interface PageInfo {
  readonly hasNextPage: boolean | Promise<boolean>;
  readonly hasPreviousPage: boolean | Promise<boolean>;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

/** A page of many that were read together. Its rows become edges when they are first asked for, so that its reader decides when. */
export interface PageOfMany<Model> extends Page<Model> {
  /** The number of its rows, of which there may be one more than of its edges. */
  readonly rowCount: number;
}

/** Questions about a page's list that are asked when an answer needs them. */
interface Lookups {
  totalCount(): Promise<number>;
  /** Whether the list has rows on a side of the place that the page is read from. */
  hasRows(side: KeysetSide): Promise<boolean>;
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
    {
      totalCount: () => countRows(request.db.sql, request),
      hasRows: (side) => hasRows(request, side),
    },
  );
}

async function hasRows(request: ListRequest<unknown>, side: KeysetSide): Promise<boolean> {
  const parameters = createParameters();
  const page = pageSql(request, { parameters, scope: request.scope }, 't');
  const rows = await request.db.sql.query<{ any: boolean }>(
    `SELECT ${hasRowsSql(page, side)} AS any`,
    parameters.values,
  );
  return rows[0]?.any ?? false;
}

/**
 * Reads the same page of each of many parents' rows, by one statement, and one more for each of its lookups that is
 * asked for. A parent without rows has an empty page.
 *
 * @param parentColumn the column of `entity` that holds the parent's id
 */
export async function listPagesOf<Model>(
  request: ListRequest<Model>,
  parentColumn: string,
  parentIds: readonly string[],
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
  const counts = once(() => countRowsOf(request.db.sql, request, parentColumn, parentIds));
  const withRows = {
    ahead: once(() => parentsWithRows(request, 'ahead', parentColumn, parentIds)),
    behind: once(() => parentsWithRows(request, 'behind', parentColumn, parentIds)),
  };
  return new Map(
    parentIds.map((id) => {
      const found = grouped.get(id) ?? [];
      const lookups: Lookups = {
        totalCount: async () => (await counts()).get(id) ?? 0,
        hasRows: async (side) => (await withRows[side]()).has(id),
      };
      const make = () =>
        toPage(
          request,
          plan,
          found.map(({ row }) => row),
          lookups,
        );
      return [id, madeLater({ rowCount: found.length, totalCount: lookups.totalCount }, make)];
    }),
  );
}

/** The parents that have rows on this side of the place that their pages are read from. */
async function parentsWithRows(
  request: ListRequest<unknown>,
  side: KeysetSide,
  parentColumn: string,
  parentIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const parameters = createParameters();
  const parents = parameters.add(parentIds, 'text[]');
  const context = { parameters, scope: request.scope };
  const page = pageSql(request, context, 't', `t."${parentColumn}" = parent.id`);
  const rows = await request.db.sql.query<{ id: string }>(
    `SELECT parent.id FROM unnest(${parents}) AS parent(id) WHERE ${hasRowsSql(page, side)}`,
    parameters.values,
  );
  return new Set(rows.map(({ id }) => id));
}

function once<Result>(load: () => Promise<Result>): () => Promise<Result> {
  let loading: Promise<Result> | undefined;
  return () => {
    loading ??= load();
    return loading;
  };
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
  /** The condition that all rows of the list meet, whatever the page. */
  readonly matching: string;
  readonly orderBy: string;
  readonly limit: number;
  readonly hasCursor: boolean;
  /** The condition that a row is on this side of the place that the page is read from; call it once for each use. */
  sideSql(side: KeysetSide): string;
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
  const matching = [
    ...(link ? [link] : []),
    scopeSql(context, alias, { includePublic }),
    compileCondition(context, entity, request.where, alias),
  ];
  const directed = { entity, order, backward };
  return {
    ...directed,
    from: tableSql(context, entity, alias, { includePublic }),
    matching: matching.join(' AND '),
    orderBy: orderSql(directed, alias),
    limit: page.limit,
    hasCursor: values !== null,
    sideSql: (side) => {
      if (values === null) return side === 'ahead' ? 'TRUE' : 'FALSE';
      return keysetSql(directed, values, side, alias, context.parameters);
    },
  };
}

/** SQL for the list's having rows on this side of the place that a page is read from. */
export function hasRowsSql({ from, matching, sideSql }: PageSql, side: KeysetSide): string {
  return `EXISTS (SELECT FROM ${from} WHERE ${matching} AND ${sideSql(side)})`;
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
    WHERE ${page.matching} AND ${page.sideSql('ahead')} ORDER BY ${page.orderBy} LIMIT ${parameters.add(page.limit + 1, 'int')}`;
  return { ...page, text };
}

/** The page that the rows make, in the order in which they were looked for. */
function toPage<Model>(
  request: ListRequest<Model>,
  plan: PagePlan,
  rows: readonly JsonRow[],
  { totalCount, hasRows }: Lookups,
): Page<Model> {
  const cursorOf = request.cursors?.of ?? ((row: JsonRow) => keysetCursor(request.entity, plan.order, row));
  const edges = rows.slice(0, plan.limit).map((row) => ({ cursor: cursorOf(row), node: request.model(row) }));
  const known = {
    // A page of no rows was not looked for.
    isMoreAhead: () => (plan.limit === 0 ? hasRows('ahead') : rows.length > plan.limit),
    isAnyBehind: () => plan.hasCursor && hasRows('behind'),
    firstCursor: edges[0]?.cursor ?? null,
    lastCursor: edges.at(-1)?.cursor ?? null,
  };
  const { hasNextPage, hasPreviousPage, startCursor, endCursor } =
    pageInfoSources[plan.backward ? 'backward' : 'forward'];
  return {
    edges: plan.backward ? edges.reverse() : edges,
    pageInfo: {
      get hasNextPage() {
        return known[hasNextPage]();
      },
      get hasPreviousPage() {
        return known[hasPreviousPage]();
      },
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
