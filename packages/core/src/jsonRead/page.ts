import { fieldNamed } from '../query/fields.ts';
import type { OrderKey } from '../query/keyset.ts';
import { orderSignature } from '../query/keyset.ts';
import { type ListRequest, type PageSql, pageSql } from '../query/page.ts';
import { concatSql, literal, objectPieces, type Piece, sql } from './concat.ts';
import { countSql } from './count.ts';
import { type JsonStatement, objectSql } from './object.ts';
import type { EdgePart, InfoPart, PagePart } from './wanted.ts';

type Request = ListRequest<unknown>;
type Link = (alias: string) => string;

/** A page that is being written, by the name of its rows. */
interface Rows {
  readonly statement: JsonStatement;
  readonly request: Request;
  readonly page: PageSql;
  readonly alias: string;
  /** Whether its rows are numbered, as `_place` of `_found`, in the order in which they were looked for. */
  readonly numbered: boolean;
  /** What ties them to the row that they are listed for. */
  readonly link: Link | undefined;
}

/** A page without rows needs no statement, and isn't written by one. */
export class EmptyPageError extends Error {
  override readonly name = 'EmptyPageError';
}

/**
 * A statement whose one value is the text of a page, as `listPage` has it.
 *
 * @param link for a list that belongs to a row of an outer statement: what ties its rows to that
 * @throws EmptyPageError for a page of no rows
 * @throws DomainError BAD_USER_INPUT as `listPage` does
 */
export function pageTextSql(
  statement: JsonStatement,
  request: Request,
  parts: readonly PagePart[],
  link?: Link,
): string {
  const inner = statement.newAlias();
  const alias = statement.newAlias();
  const context = { parameters: statement.parameters, scope: request.scope };
  const page = pageSql(request, context, inner, link?.(inner));
  if (page.limit === 0) throw new EmptyPageError('a page of no rows');
  const numbered = page.backward || parts.some(asksForPlaces);
  const text = concatSql(
    objectPieces(parts, (part) => partPieces({ statement, request, page, alias, numbered, link }, part)),
  );
  // One more than asked for tells whether there is a further page.
  const found = `SELECT ${inner}.* FROM ${page.from} WHERE ${page.where} ORDER BY ${page.orderBy} LIMIT ${page.limit + Number(numbered)}`;
  // One value, even where nothing of the rows is in it.
  if (!numbered) return `SELECT ${text} FROM (${found}) ${alias} HAVING TRUE`;
  return `SELECT ${text} FROM (
    SELECT ${inner}.*, row_number() OVER () AS "_place", count(*) OVER () AS "_found" FROM (${found}) ${inner}) ${alias} HAVING TRUE`;
}

const asksForPlaces = (part: PagePart) => 'pageInfo' in part && part.pageInfo.some((info) => !('constant' in info));

function partPieces(rows: Rows, part: PagePart): readonly Piece[] {
  if ('constant' in part) return [literal(part.constant)];
  if ('count' in part) return [sql(countSql(rows.statement, rows.request, rows.link))];
  if ('nodes' in part) return listPieces(rows, objectSql(rows.statement, part.nodes, rows.alias));
  if ('edges' in part) return listPieces(rows, concatSql(objectPieces(part.edges, (edge) => edgePieces(rows, edge))));
  return objectPieces(part.pageInfo, (info) => [infoPiece(rows, info)]);
}

/** A JSON list of this of each of the rows. */
function listPieces({ numbered, page, alias }: Rows, item: string): Piece[] {
  // Without numbers they come in the order of the list, as they were found.
  const order = page.backward ? ` ORDER BY ${alias}."_place" DESC` : '';
  const filter = numbered ? ` FILTER (WHERE ${alias}."_place" <= ${page.limit})` : '';
  return [literal('['), sql(`coalesce(string_agg(${item}, ','${order})${filter}, '')`), literal(']')];
}

function edgePieces(rows: Rows, edge: EdgePart): readonly Piece[] {
  if ('constant' in edge) return [literal(edge.constant)];
  if ('node' in edge) return [sql(objectSql(rows.statement, edge.node, rows.alias))];
  return [literal('"'), sql(cursorSql(rows)), literal('"')];
}

function infoPiece(rows: Rows, part: InfoPart): Piece {
  if ('constant' in part) return literal(part.constant);
  const { page, alias } = rows;
  const last = `least(${alias}."_found", ${page.limit})`;
  const cursorAt = (place: string) =>
    sql(`coalesce('"' || max(${cursorSql(rows)}) FILTER (WHERE ${alias}."_place" = ${place}) || '"', 'null')`);
  switch (part.info) {
    case 'startCursor':
      return cursorAt(page.backward ? last : '1');
    case 'endCursor':
      return cursorAt(page.backward ? '1' : last);
    default: {
      const isAhead = (part.info === 'hasNextPage') !== page.backward;
      return isAhead ? sql(`(count(*) > ${page.limit})::text`) : literal(String(page.hasCursor));
    }
  }
}

/** The same text as `keysetCursor` makes of the row. */
function cursorSql({ request, page, alias }: Rows): string {
  const values = page.order.flatMap((key) => [literal(','), sql(`to_json(${alias}."${columnOfKey(request, key)}")`)]);
  const text = concatSql([literal(`["${orderSignature(page.order)}"`), ...values, literal(']')]);
  return `translate(encode(convert_to(${text}, 'UTF8'), 'base64'), E'+/=\\n', '-_')`;
}

function columnOfKey({ entity }: Request, { field }: OrderKey): string {
  const found = fieldNamed(entity, field);
  if (!found) throw new Error(`${entity} has no field ${field}`);
  return found.column;
}
