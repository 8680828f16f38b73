import type { Event, Plugin, Supervisor } from '@muster/db';

/** A row as `to_jsonb` writes it: column names, times as text. */
export type JsonRow = Readonly<Record<string, unknown>>;
/** A row of the table supervisors. */
export type SupervisorRow = JsonRow;
/** A row of the table plugins. */
export type PluginRow = JsonRow;

/** A supervisor in the shape of its Prisma model. The secret's hash never leaves the database. */
export function supervisorFromRow(row: SupervisorRow): Supervisor {
  return { secretHash: null, ...fieldsFromRow(row) } as Supervisor;
}

/** A plugin in the shape of its Prisma model. */
export function pluginFromRow(row: PluginRow): Plugin {
  return fieldsFromRow(row) as Plugin;
}

/** An event in the shape of its Prisma model. */
export function eventFromRow(row: JsonRow): Event {
  const event = fieldsFromRow(row) as Event;
  return { ...event, seq: BigInt(event.seq) };
}

/** A row's values by Prisma's field names, which are the columns' names in camel case; columns in `_at` are times. */
export function fieldsFromRow(row: JsonRow): Record<string, unknown> {
  const model: Record<string, unknown> = {};
  for (const [column, value] of Object.entries(row)) {
    model[fieldOf(column)] = typeof value === 'string' && isTime(column) ? new Date(value) : value;
  }
  return model;
}

const isTime = (column: string) => column === 'at' || column.endsWith('_at');

/** The Prisma field of a column. */
export function fieldOf(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The column of a Prisma field. */
export function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
