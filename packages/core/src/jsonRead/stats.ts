import { concatSql, literal, objectPieces, type Piece, sql } from '../query/concatSql.ts';
import { groupsSql, maxGroups, type StatsRequest } from '../query/stats.ts';
import { type ColumnFormat, valuePieces } from './columnJson.ts';
import { notCovered } from './notCovered.ts';
import type { StatPart } from './readParts.ts';
import type { Groups, JsonStatement } from './statement.ts';

/** How the keys that have few values are written. */
const fewValues: Readonly<Record<string, ColumnFormat>> = { state: 'word', isPublic: 'plain', managed: 'plain' };

/**
 * A statement whose one value is the text of a list of groups, as `countByGroup` counts them. Where a key may have any
 * number of values, `refuseGroups` tells whether there are too many.
 *
 * @throws DomainError BAD_USER_INPUT as `countByGroup` does
 */
export function statsTextSql(statement: JsonStatement, request: StatsRequest, parts: readonly StatPart[]): string {
  const alias = statement.newAlias();
  const groups = groupsSql(request, { parameters: statement.parameters, scope: request.scope });
  const areFew = request.groupBy.every(({ as }) => fewValues[as] !== undefined);
  if (!areFew) statement.groups.push({ name: alias, sql: `${alias} AS MATERIALIZED (${groups})` });
  const item = concatSql(objectPieces(parts, (part) => partPieces(request, part, alias)));
  return `SELECT concat('[', string_agg(${item}, ','), ']') FROM ${areFew ? `(${groups}) ${alias}` : alias}`;
}

/** The columns that `refuseGroups` reads. */
export function groupColumns(groups: readonly Groups[]): readonly string[] {
  return groups.map(({ name }) => `(SELECT count(*) > ${maxGroups} FROM ${name}) AS "${name}"`);
}

/** @throws NotCoveredError where there are more groups than an answer may have: resolvers say which statistic has */
export function refuseGroups(groups: readonly Groups[], row: Readonly<Record<string, unknown>>): void {
  if (groups.some(({ name }) => row[name] === true)) notCovered('too many groups');
}

function partPieces({ groupBy }: StatsRequest, part: StatPart, alias: string): readonly Piece[] {
  if ('constant' in part) return [literal(part.constant)];
  if ('count' in part) return [sql(`${alias}.count`)];
  if (!groupBy.some(({ as }) => as === part.group)) return [literal('null')];
  const value = `${alias}."${part.group}"`;
  const format = fewValues[part.group];
  return valuePieces(format ? { format, nullable: false } : { format: 'text', nullable: true }, value);
}
