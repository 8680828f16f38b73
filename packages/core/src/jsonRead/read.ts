import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { isId } from '../base/ids.ts';
import { type Core, internalsOf } from '../core.ts';
import { pluginGroups, pluginList } from '../plugin/read.ts';
import { boundedTextSql, readText } from '../query/boundedText.ts';
import { concatSql, literal, objectPieces, type Piece, sql } from '../query/concatSql.ts';
import { createParameters } from '../query/context.ts';
import type { Entity } from '../query/fields.ts';
import { scopeSql } from '../query/scopeSql.ts';
import { tableSql } from '../query/tableSql.ts';
import { supervisorGroups, supervisorList } from '../supervisor/read.ts';
import { mostBytesOf } from './mostBytes.ts';
import type { Member, Read } from './readParts.ts';
import { countColumns, keepCounts } from './scopeCount.ts';
import { objectSql, pageTextSql } from './selection.ts';
import type { JsonStatement } from './statement.ts';
import { groupColumns, refuseGroups, statsTextSql } from './stats.ts';

/**
 * Reads the text of a JSON object that PostgreSQL makes in one statement: what `getSupervisor`, `listSupervisors`,
 * `supervisorStats`, `getPlugin`, `listPlugins` and `pluginStats` would answer, all as of one moment.
 *
 * @throws NotCoveredError for a statistic with too many groups; AnswerTooLargeError for a text of more bytes than
 *   `limits.answerBytes` (W3), which never leaves the database; otherwise as these do
 */
export async function readJson(core: Core, viewer: Viewer, reads: readonly Read[]): Promise<string> {
  const internals = internalsOf(core);
  const parameters = createParameters();
  let aliases = 0;
  const statement: JsonStatement = {
    core: internals,
    viewer,
    parameters,
    counts: [],
    groups: [],
    newAlias: () => {
      aliases += 1;
      return `t${aliases}`;
    },
  };
  const pieces = objectPieces(reads, (read) => readPieces(statement, read));
  if (pieces.every((piece) => 'literal' in piece)) return pieces.map(({ literal: text }) => text).join('');
  const { counts, groups } = statement;
  const ahead = [...counts, ...groups].map(({ sql: part }) => part);
  const parts = ahead.length > 0 ? `WITH ${ahead.join(', ')} ` : '';
  const made = `SELECT ${concatSql(pieces)} AS text`;
  const { limits } = internals.settings;
  const most = mostBytesOf(reads, limits);
  const columns = [...countColumns(counts), ...groupColumns(groups)];
  const text =
    most > limits.answerBytes
      ? boundedTextSql(parameters, limits.answerBytes, { statement: made, columns })
      : [made, ...columns].join(', ');
  // Single rows take no time, however large the tables are.
  const database = Number.isFinite(most) ? internals.db.shortSql : internals.db.sql;
  const named = internals.statements.named(`${parts}${text}`, internals.db.currentWork().tenant);
  const rows = database.query<{ text: string | null }>(named, parameters.values);
  const row = await readText(rows, limits.answerBytes, viewer);
  refuseGroups(groups, row);
  keepCounts(internals, counts, row);
  return row.text;
}

function readPieces(statement: JsonStatement, read: Read): readonly Piece[] {
  if ('constant' in read) return [literal(read.constant)];
  if ('text' in read) return [sql(statement.parameters.add(read.text, 'text'))];
  const { core, viewer } = statement;
  if ('supervisor' in read) return rowPieces(statement, 'supervisor', 'Supervisor', read.supervisor);
  if ('plugin' in read) return rowPieces(statement, 'plugin', 'Plugin', read.plugin);
  if ('supervisors' in read) {
    const { input, parts } = read.supervisors;
    return [sql(`(${pageTextSql(statement, supervisorList(core, viewer, input), parts)})`)];
  }
  if ('supervisorStats' in read) {
    const { input, parts } = read.supervisorStats;
    return [sql(`(${statsTextSql(statement, supervisorGroups(core, viewer, input), parts)})`)];
  }
  if ('pluginStats' in read) {
    const { input, parts } = read.pluginStats;
    return [sql(`(${statsTextSql(statement, pluginGroups(core, viewer, input), parts)})`)];
  }
  const { input, parts } = read.plugins;
  const request = pluginList(core, scopeFor(viewer, 'read', input.domainId), input);
  return [sql(`(${pageTextSql(statement, request, parts)})`)];
}

function rowPieces(
  statement: JsonStatement,
  entity: Entity,
  kind: 'Supervisor' | 'Plugin',
  { id, members }: { readonly id: string; readonly members: readonly Member[] },
): readonly Piece[] {
  const scope = scopeFor(statement.viewer, 'read');
  if (!isId(kind, id)) return [literal('null')];
  const alias = statement.newAlias();
  const context = { parameters: statement.parameters, scope };
  const row = `SELECT ${objectSql(statement, members, alias)} FROM ${tableSql(context, entity, alias)}
    WHERE ${alias}.id = ${context.parameters.add(id, 'text')} AND ${scopeSql(context, alias)}`;
  return [sql(`coalesce((${row}), 'null')`)];
}
