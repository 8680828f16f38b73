import { groupsSql, type StatsRequest } from '../query/stats.ts';
import { concatSql, literal, objectPieces, type Piece, sql } from './concat.ts';
import { columnPieces, type JsonStatement } from './object.ts';
import type { ColumnFormat, StatPart } from './wanted.ts';

/** How each key is written that has few values. */
const formats: Readonly<Record<string, ColumnFormat>> = { state: 'word', isPublic: 'plain', managed: 'plain' };

/** Where there may be too many groups, that can be said only once they are counted: such a statistic isn't written by a statement. */
export class ManyGroupsError extends Error {
  override readonly name = 'ManyGroupsError';
}

/**
 * A statement whose one value is the text of a list of groups, as `countByGroup` has it.
 *
 * @throws ManyGroupsError where what is grouped by may have any number of values
 * @throws DomainError BAD_USER_INPUT as `countByGroup` does
 */
export function statsTextSql(statement: JsonStatement, request: StatsRequest, parts: readonly StatPart[]): string {
  const unbounded = request.groupBy.find(({ as }) => formats[as] === undefined);
  if (unbounded) throw new ManyGroupsError(`groups by ${unbounded.as}`);
  const alias = statement.newAlias();
  const groups = groupsSql(request, { parameters: statement.parameters, scope: request.scope });
  const item = concatSql(objectPieces(parts, (part) => partPieces(request, part, alias)));
  return `SELECT concat('[', string_agg(${item}, ','), ']') FROM (${groups}) ${alias}`;
}

function partPieces({ groupBy }: StatsRequest, part: StatPart, alias: string): readonly Piece[] {
  if ('constant' in part) return [literal(part.constant)];
  if ('count' in part) return [sql(`${alias}.count`)];
  const format = groupBy.some(({ as }) => as === part.group) ? formats[part.group] : undefined;
  return format ? columnPieces({ format, nullable: false }, `${alias}."${part.group}"`) : [literal('null')];
}
