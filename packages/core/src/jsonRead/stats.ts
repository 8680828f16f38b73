import { concatSql, literal, objectPieces, type Piece, sql } from '../query/concatSql.ts';
import { groupsSql, type StatsRequest } from '../query/stats.ts';
import { type ColumnFormat, valuePieces } from './columnJson.ts';
import { notCovered } from './notCovered.ts';
import type { StatPart } from './readParts.ts';
import type { JsonStatement } from './statement.ts';

/** How the keys that have few values are written. */
const formats: Readonly<Record<string, ColumnFormat>> = { state: 'word', isPublic: 'plain', managed: 'plain' };

/**
 * A statement whose one value is the text of a list of groups, as `countByGroup` counts them.
 *
 * @throws NotCoveredError where a key may have any number of values: whether there are too many groups is known only
 *   once they are counted
 * @throws DomainError BAD_USER_INPUT as `countByGroup` does
 */
export function statsTextSql(statement: JsonStatement, request: StatsRequest, parts: readonly StatPart[]): string {
  const unbounded = request.groupBy.find(({ as }) => formats[as] === undefined);
  if (unbounded) notCovered(`groups by ${unbounded.as}`);
  const alias = statement.newAlias();
  const groups = groupsSql(request, { parameters: statement.parameters, scope: request.scope });
  const item = concatSql(objectPieces(parts, (part) => partPieces(request, part, alias)));
  return `SELECT concat('[', string_agg(${item}, ','), ']') FROM (${groups}) ${alias}`;
}

function partPieces({ groupBy }: StatsRequest, part: StatPart, alias: string): readonly Piece[] {
  if ('constant' in part) return [literal(part.constant)];
  if ('count' in part) return [sql(`${alias}.count`)];
  const format = groupBy.some(({ as }) => as === part.group) ? formats[part.group] : undefined;
  return format ? valuePieces({ format, nullable: false }, `${alias}."${part.group}"`) : [literal('null')];
}
