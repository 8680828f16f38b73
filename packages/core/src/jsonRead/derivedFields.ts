import type { Plugin, Supervisor } from '@muster/db';
import type { Viewer } from '../access/viewer.ts';
import { visibleTags, visibleTagsSql } from '../access/visibility.ts';
import { columnSql } from '../query/compile.ts';
import { entities } from '../query/fields.ts';
import type { ValueFormat } from './columnJson.ts';
import type { JsonStatement } from './statement.ts';

/** The loaders of a derived field that is computed in memory. Each joins the reads of many rows into one query. */
interface DerivedContext {
  readonly viewer: Viewer;
  readonly loaders: {
    readonly lastSeenAt: { load(supervisorId: string): Promise<Date | null> };
    readonly supervisorOfPlugin: { load(supervisorId: string): Promise<Supervisor> };
  };
}

/** A field that is no column of the row, as a read as JSON computes it. */
export interface DerivedSql extends ValueFormat {
  /** The SQL of the value, for the row that is called `alias`. */
  sql(statement: JsonStatement, alias: string): string;
}

/** A field that is no column of the row: computed in SQL for a read as JSON, in memory for a row at hand. */
interface DerivedField<Row, Value> extends DerivedSql {
  /** The value of a row at hand. */
  read(row: Row, context: DerivedContext): Value | Promise<Value>;
}

const { supervisor, plugin } = entities;

/** SQL of an expression over a plugin's supervisor, which every viewer of the plugin may see (A6). */
export function ofSupervisorSql(expression: string, inner: string, alias: string): string {
  return `(SELECT ${expression} FROM ${supervisor.table} ${inner}
    WHERE ${inner}."${supervisor.tieBreaker}" = ${alias}."${plugin.fields.supervisorId.column}")`;
}

const tags: DerivedField<Supervisor, Supervisor['tags']> = {
  format: 'json',
  nullable: false,
  sql: ({ viewer, parameters }, alias) => visibleTagsSql(viewer, alias, parameters.add),
  read: (row, { viewer }) => visibleTags(viewer, row),
};

const lastSeenAt: DerivedField<Supervisor, Date | null> = {
  format: 'time',
  nullable: true,
  sql: (_statement, alias) => columnSql(alias, supervisor.fields.lastSeenAt),
  read: ({ id }, { loaders }) => loaders.lastSeenAt.load(id),
};

const supervisorName: DerivedField<Plugin, string> = {
  format: 'text',
  nullable: false,
  sql: (_statement, alias) => ofSupervisorSql(`v."${supervisor.fields.name.column}"`, 'v', alias),
  read: async ({ supervisorId }, { loaders }) => (await loaders.supervisorOfPlugin.load(supervisorId)).name,
};

/** The derived fields of each entity: resolvers and compiled reads both read these declarations. */
export const derivedFields = {
  supervisor: { tags, lastSeenAt },
  plugin: { supervisorName },
} as const;
