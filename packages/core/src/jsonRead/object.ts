import { can } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import type { CoreInternals } from '../core.ts';
import { pluginList } from '../plugin/read.ts';
import type { Parameters } from '../query/compile.ts';
import { entities } from '../query/fields.ts';
import { pluginScope } from '../supervisor/read.ts';
import { concatSql, literal, objectPieces, type Piece, sql } from './concat.ts';
import type { ScopeCount } from './count.ts';
import { pageTextSql } from './page.ts';
import type { Column, ColumnFormat, Derived, Member } from './wanted.ts';

/** One statement that is being made. */
export interface JsonStatement {
  readonly core: CoreInternals;
  readonly viewer: Viewer;
  readonly parameters: Parameters;
  /** What is counted apart from the rest. */
  readonly counts: ScopeCount[];
  /** A name for a table that no other in the statement has. */
  newAlias(): string;
}

const { supervisor, plugin } = entities;
const pluginSupervisor = plugin.fields.supervisorId.column;

/** The text of the JSON object of the row that goes by `alias`. */
export function objectSql(statement: JsonStatement, members: readonly Member[], alias: string): string {
  const make = () => concatSql(objectPieces(members, (member) => memberPieces(statement, member, alias)));
  return members.every(isOfRowAlone) ? statement.core.statements.part(members, alias, make) : make();
}

/** Whether its text is the same in every statement. */
const isOfRowAlone = (member: Member) => 'constant' in member || 'column' in member;

function memberPieces(statement: JsonStatement, member: Member, alias: string): Piece[] {
  if ('constant' in member) return [literal(member.constant)];
  if ('column' in member) return columnPieces(member, `${alias}."${member.column}"`);
  if ('derived' in member) return derivedPieces(statement, member.derived, alias);
  if ('supervisor' in member) return [sql(supervisorOfPlugin(statement, member.supervisor, alias))];
  const { input, parts } = member.plugins;
  const { core, viewer } = statement;
  const request = pluginList(core, pluginScope(viewer), input);
  const text = pageTextSql(
    statement,
    request,
    parts,
    (rows) => `${rows}."${pluginSupervisor}" = ${alias}."${supervisor.tieBreaker}"`,
  );
  return [sql(`(${text})`)];
}

/** A column's value as JSON. */
export function columnPieces({ format, nullable }: Omit<Column, 'column'>, column: string): Piece[] {
  const quote = format === 'word' || format === 'time' ? '"' : '';
  const value = writers[format](column);
  if (!nullable) return [literal(quote), sql(value), literal(quote)];
  return [sql(`coalesce(${quote ? `'"' || ${value} || '"'` : `(${value})::text`}, 'null')`)];
}

const writers: Readonly<Record<ColumnFormat, (column: string) => string>> = {
  text: (column) => `to_json(${column})`,
  word: (column) => `${column}::text`,
  plain: (column) => `${column}::text`,
  time: (column) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  json: (column) => `${column}::text`,
};

function derivedPieces(statement: JsonStatement, derived: Derived, alias: string): Piece[] {
  switch (derived) {
    case 'tags':
      return [sql(tagsSql(statement, alias))];
    case 'connected': {
      const ahead = statement.parameters.add(statement.core.clockOffsetMs(), 'float8');
      const alive = ofLease(`l.expires_at > now() + ${ahead} * interval '1 millisecond'`, alias);
      return [sql(`coalesce(${alive}, FALSE)::text`)];
    }
    case 'lastSeenAt':
      return columnPieces({ format: 'time', nullable: true }, ofLease('l.last_seen_at', alias));
    case 'supervisorName':
      return [sql(ofSupervisor(`to_json(v."${supervisor.fields.name.column}")`, 'v', alias))];
  }
}

const ofLease = (expression: string, alias: string) =>
  `(SELECT ${expression} FROM leases l WHERE l.supervisor_id = ${alias}."${supervisor.tieBreaker}")`;

/** As `visibleTags` has it (A6). */
function tagsSql({ viewer, parameters }: JsonStatement, alias: string): string {
  const tags = `${alias}."${supervisor.fields.tags.column}"::text`;
  if (can(viewer, 'administer')) return tags;
  const domain = parameters.add(viewer.domainId, 'text');
  return `CASE WHEN ${alias}."${supervisor.fields.domainId.column}" = ${domain} THEN ${tags} ELSE '{}' END`;
}

/** Whoever sees a plugin sees what it is on (A6). A plugin is never without: it is deleted with its supervisor. */
function supervisorOfPlugin(statement: JsonStatement, members: readonly Member[], alias: string): string {
  const inner = statement.newAlias();
  return ofSupervisor(objectSql(statement, members, inner), inner, alias);
}

const ofSupervisor = (expression: string, inner: string, alias: string) =>
  `(SELECT ${expression} FROM ${supervisor.table} ${inner}
    WHERE ${inner}."${supervisor.tieBreaker}" = ${alias}."${pluginSupervisor}")`;
