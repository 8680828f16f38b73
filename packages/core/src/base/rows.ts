import {
  type Deployment,
  type Event,
  type Plugin,
  Prisma,
  type Rollout,
  type RolloutStep,
  type Supervisor,
} from '@muster/db';

/** A row as `to_jsonb` writes it: column names, times as text. */
export type JsonRow = Readonly<Record<string, unknown>>;
/** A row of the table supervisors. */
export type SupervisorRow = JsonRow;
/** A row of the table plugins. */
export type PluginRow = JsonRow;

/** A supervisor in the shape of its Prisma model. The secret's hash never leaves the database. */
export function supervisorFromRow(row: SupervisorRow): Supervisor {
  const stateChanges = ((row.state_changes ?? []) as (string | Date)[]).map((time) => new Date(time));
  return { secretHash: null, ...fieldsFromRow(row), stateChanges } as Supervisor;
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

/** A rollout in the shape of its Prisma model. */
export function rolloutFromRow(row: JsonRow): Rollout {
  return fieldsFromRow(row) as Rollout;
}

/** A deployment in the shape of its Prisma model. */
export function deploymentFromRow(row: JsonRow): Deployment {
  return fieldsFromRow(row) as Deployment;
}

/** A step of a rollout in the shape of its Prisma model. */
export function rolloutStepFromRow(row: JsonRow): RolloutStep {
  return fieldsFromRow(row) as RolloutStep;
}

/** A row's values by Prisma's field names, which are the columns' names in camel case; columns in `_at`, `_since` and `_mark` are times. */
export function fieldsFromRow(row: JsonRow): Record<string, unknown> {
  const model: Record<string, unknown> = {};
  for (const column of Object.keys(row)) {
    const { name, isTime } = knownFields.get(column) ?? modelField(column);
    const value = row[column];
    model[name] = isTime && typeof value === 'string' ? new Date(value) : value;
  }
  return model;
}

const timeColumn = /^at$|_(at|since|mark)$/;

function modelField(column: string): { readonly name: string; readonly isTime: boolean } {
  return { name: fieldOf(column), isTime: timeColumn.test(column) };
}

/** The fields of rows that are read by the thousand, by their columns: working one out takes longer than all else (W3). */
const knownFields: ReadonlyMap<string, ReturnType<typeof modelField>> = new Map(
  [Prisma.SupervisorScalarFieldEnum, Prisma.PluginScalarFieldEnum, Prisma.EventScalarFieldEnum]
    .flatMap((fields) => Object.keys(fields).map(columnOf))
    .map((column) => [column, modelField(column)]),
);

/** The Prisma field of a column. */
export function fieldOf(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** The column of a Prisma field. */
export function columnOf(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
