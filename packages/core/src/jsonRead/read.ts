import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { isId } from '../base/ids.ts';
import { type Core, internalsOf } from '../core.ts';
import { pluginGroups, pluginList } from '../plugin/read.ts';
import { concatSql, literal, objectPieces, type Piece, sql } from '../query/concatSql.ts';
import { createParameters } from '../query/context.ts';
import type { Entity } from '../query/fields.ts';
import { scopeSql } from '../query/scopeSql.ts';
import { tableSql } from '../query/tableSql.ts';
import { supervisorGroups, supervisorList } from '../supervisor/read.ts';
import type { Member, Read } from './readParts.ts';
import { countColumns, keepCounts } from './scopeCount.ts';
import { objectSql, pageTextSql } from './selection.ts';
import type { JsonStatement } from './statement.ts';
import { statsTextSql } from './stats.ts';

/**
 * Reads the text of a JSON object that PostgreSQL makes in one statement: what `getSupervisor`, `listSupervisors`,
 * `supervisorStats`, `getPlugin`, `listPlugins` and `pluginStats` would answer, all as of one moment.
 *
 * @throws NotCoveredError for a page of no rows, or a statistic that may have too many groups; otherwise as these do
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
    newAlias: () => {
      aliases += 1;
      return `t${aliases}`;
    },
  };
  const pieces = objectPieces(reads, (read) => readPieces(statement, read));
  if (pieces.every((piece) => 'literal' in piece)) return pieces.map(({ literal: text }) => text).join('');
  const { counts } = statement;
  const parts = counts.length > 0 ? `WITH ${counts.map(({ sql: part }) => part).join(', ')} ` : '';
  const text = `${parts}SELECT ${concatSql(pieces)} AS text${countColumns(counts)}`;
  const database = reads.every(isShort) ? internals.db.shortSql : internals.db.sql;
  const named = internals.statements.named(text, internals.db.currentWork().tenant);
  const [row] = await database.query<{ text: string }>(named, parameters.values);
  if (!row) throw new Error('a statement without FROM gave no row');
  keepCounts(internals, counts, row);
  return row.text;
}

/** Whether it reads single rows alone, which takes no time, however large the tables are. */
const isShort = (read: Read) =>
  'constant' in read ||
  ('plugin' in read && read.plugin.members.every(isOfOne)) ||
  ('supervisor' in read && read.supervisor.members.every(isOfOne));

function isOfOne(member: Member): boolean {
  return !('plugins' in member) && (!('supervisor' in member) || member.supervisor.every(isOfOne));
}

function readPieces(statement: JsonStatement, read: Read): readonly Piece[] {
  if ('constant' in read) return [literal(read.constant)];
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
