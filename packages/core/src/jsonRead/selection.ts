import { pluginList } from '../plugin/read.ts';
import { concatSql, literal, objectPieces, type Piece, sql } from '../query/concatSql.ts';
import { entities } from '../query/fields.ts';
import { keysetCursorSql } from '../query/keysetCursor.ts';
import type { ListRequest } from '../query/listRequest.ts';
import { hasRowsSql, type PageSql, pageSql } from '../query/page.ts';
import { pageInfoSources } from '../query/pageInfo.ts';
import { pluginScope } from '../supervisor/read.ts';
import { valuePieces } from './columnJson.ts';
import { ofSupervisorSql } from './derivedFields.ts';
import type { EdgePart, InfoPart, Member, PagePart } from './readParts.ts';
import { cachedCountSql } from './scopeCount.ts';
import type { JsonStatement } from './statement.ts';

/*
 * Objects and pages are in one file since they hold each other: an object has pages of related rows, and a page has
 * objects.
 */

/** The SQL of the text of a row's JSON object, for the row that is called `alias`. */
export function objectSql(statement: JsonStatement, members: readonly Member[], alias: string): string {
  const make = () => concatSql(objectPieces(members, (member) => memberPieces(statement, member, alias)));
  return members.every(isOfRowAlone) ? statement.core.fragments.getOrMake(members, alias, make) : make();
}

/** Whether the member's text is the same in every statement. */
const isOfRowAlone = (member: Member) => 'constant' in member || 'column' in member;

function memberPieces(statement: JsonStatement, member: Member, alias: string): Piece[] {
  if ('constant' in member) return [literal(member.constant)];
  if ('column' in member) return valuePieces(member, `${alias}."${member.column}"`);
  if ('derived' in member) return valuePieces(member.derived, member.derived.sql(statement, alias));
  if ('supervisor' in member) {
    const inner = statement.newAlias();
    // A plugin is never without a supervisor: it is deleted with that.
    return [sql(ofSupervisorSql(objectSql(statement, member.supervisor, inner), inner, alias))];
  }
  return [sql(pluginsSql(statement, member.plugins, alias))];
}

function pluginsSql(
  statement: JsonStatement,
  { input, parts }: Extract<Member, { plugins: unknown }>['plugins'],
  alias: string,
): string {
  const request = pluginList(statement.core, pluginScope(statement.viewer), input);
  const { supervisor, plugin } = entities;
  const link = (rows: string) => `${rows}."${plugin.fields.supervisorId.column}" = ${alias}."${supervisor.tieBreaker}"`;
  return `(${pageTextSql(statement, request, parts, link)})`;
}

/** The condition that ties the rows of a list, by their alias, to a row of an outer statement. */
type Link = (alias: string) => string;

/** A page that is being written. */
interface PageRows {
  readonly statement: JsonStatement;
  readonly request: ListRequest<unknown>;
  readonly page: PageSql;
  /** The name of the rows. */
  readonly alias: string;
  /** Whether rows are numbered, as `_place` of `_found`, in the order in which they were looked for. */
  readonly numbered: boolean;
  readonly link: Link | undefined;
}

/**
 * A statement whose one value is the text of a page, as `listPage` reads it.
 *
 * @param link for a list that belongs to a row of an outer statement
 * @throws DomainError BAD_USER_INPUT as `listPage` does
 */
export function pageTextSql(
  statement: JsonStatement,
  request: ListRequest<unknown>,
  parts: readonly PagePart[],
  link?: Link,
): string {
  const inner = statement.newAlias();
  const alias = statement.newAlias();
  const context = { parameters: statement.parameters, scope: request.scope };
  const page = pageSql(request, context, inner, link?.(inner));
  const numbered = page.backward || parts.some(asksForPlaces);
  const rows: PageRows = { statement, request, page, alias, numbered, link };
  const text = concatSql(objectPieces(parts, (part) => partPieces(rows, part)));
  // One more than asked for tells whether there is a further page.
  const found = `SELECT ${inner}.* FROM ${page.from} WHERE ${page.matching} AND ${page.sideSql('ahead')} ORDER BY ${page.orderBy} LIMIT ${page.limit + Number(numbered)}`;
  // HAVING makes it one value, even where nothing of the rows is in it.
  if (!numbered) return `SELECT ${text} FROM (${found}) ${alias} HAVING TRUE`;
  return `SELECT ${text} FROM (
    SELECT ${inner}.*, row_number() OVER () AS "_place", count(*) OVER () AS "_found" FROM (${found}) ${inner}) ${alias} HAVING TRUE`;
}

const asksForPlaces = (part: PagePart) => 'pageInfo' in part && part.pageInfo.some((info) => !('constant' in info));

function partPieces(rows: PageRows, part: PagePart): readonly Piece[] {
  if ('constant' in part) return [literal(part.constant)];
  if ('count' in part) return [sql(cachedCountSql(rows.statement, rows.request, rows.link))];
  if ('nodes' in part) return listPieces(rows, objectSql(rows.statement, part.nodes, rows.alias));
  if ('edges' in part) return listPieces(rows, concatSql(objectPieces(part.edges, (edge) => edgePieces(rows, edge))));
  return objectPieces(part.pageInfo, (info) => [infoPiece(rows, info)]);
}

/** A JSON list that has `item` of each of the rows. */
function listPieces({ numbered, page, alias }: PageRows, item: string): Piece[] {
  // Without numbers they come in the order of the list, as they were found.
  const order = page.backward ? ` ORDER BY ${alias}."_place" DESC` : '';
  const filter = numbered ? ` FILTER (WHERE ${alias}."_place" <= ${page.limit})` : '';
  return [literal('['), sql(`coalesce(string_agg(${item}, ','${order})${filter}, '')`), literal(']')];
}

function edgePieces(rows: PageRows, edge: EdgePart): readonly Piece[] {
  if ('constant' in edge) return [literal(edge.constant)];
  if ('node' in edge) return [sql(objectSql(rows.statement, edge.node, rows.alias))];
  return [literal('"'), sql(cursorSql(rows)), literal('"')];
}

function infoPiece(rows: PageRows, part: InfoPart): Piece {
  if ('constant' in part) return literal(part.constant);
  const { page, alias } = rows;
  const cursorAt = (place: string) =>
    sql(`coalesce('"' || max(${cursorSql(rows)}) FILTER (WHERE ${alias}."_place" = ${place}) || '"', 'null')`);
  switch (pageInfoSources[page.backward ? 'backward' : 'forward'][part.info]) {
    case 'isMoreAhead':
      return sql(`(count(*) > ${page.limit})::text`);
    case 'isAnyBehind':
      return page.hasCursor ? sql(`(${isAnyBehindSql(rows)})::text`) : literal('false');
    case 'firstCursor':
      // A page of no rows has found one, to know whether there is any.
      return page.limit === 0 ? literal('null') : cursorAt('1');
    case 'lastCursor':
      return cursorAt(`least(${alias}."_found", ${page.limit})`);
  }
}

/** Looks through the list by itself: the rows that were found all come after its cursor. */
function isAnyBehindSql({ statement, request, link }: PageRows): string {
  const alias = statement.newAlias();
  const context = { parameters: statement.parameters, scope: request.scope };
  return hasRowsSql(pageSql(request, context, alias, link?.(alias)), 'behind');
}

const cursorSql = ({ request, page, alias }: PageRows) => keysetCursorSql(request.entity, page.order, alias);
