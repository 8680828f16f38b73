import type {
  EventKind,
  Plugin,
  PluginState,
  Release,
  RolloutState,
  RolloutStepState,
  Supervisor,
  SupervisorState,
} from '@muster/db';
import { fieldsFromRow, type JsonRow, pluginFromRow, supervisorFromRow } from '../base/rows.ts';

interface ChangeBase {
  /** The place in the order of all changes: the sequence number. */
  readonly seq: number;
  readonly at: Date;
  readonly domainId: string;
  readonly kind: EventKind;
  readonly actor: string | null;
  readonly reason: string | null;
  /** The fields that an update changed, as they were before; null for other changes. */
  readonly previous: Readonly<Record<string, unknown>> | null;
}

/**
 * A change of a supervisor or a plugin. `from` and `to` differ in a change of state; a row's creation comes from NONE
 * and its deletion goes to NONE. The entity is as of the event (as it last was, for a deletion).
 */
export type RowChange =
  | (ChangeBase & {
      readonly entity: 'supervisor';
      readonly from: SupervisorState | 'NONE' | null;
      readonly to: SupervisorState | 'NONE' | null;
      readonly supervisor: Supervisor;
    })
  | (ChangeBase & {
      readonly entity: 'plugin';
      readonly from: PluginState | 'NONE' | null;
      readonly to: PluginState | 'NONE' | null;
      readonly plugin: Plugin;
    });

/** A change of a rollout, or of one of its steps (R7). */
export type RolloutLogChange = ChangeBase & {
  readonly entity: 'rollout';
  readonly rolloutId: string;
  /** The supervisor of the step; null for a change of the rollout itself. */
  readonly supervisorId: string | null;
  readonly from: RolloutState | RolloutStepState | 'NONE' | null;
  readonly to: RolloutState | RolloutStepState | 'NONE' | null;
};

/** The publication of a release, or its retirement (C1). */
export type ReleaseChange = ChangeBase & {
  readonly entity: 'release';
  readonly from: null;
  readonly to: null;
  readonly release: ChangedRelease;
};

/** A release as events have it: without its spec, which never changes. */
type ChangedRelease = Omit<Release, 'spec'>;

/** A change of a deployment, of what it asks for or of its status (M7). */
export type DeploymentLogChange = ChangeBase & {
  readonly entity: 'deployment';
  readonly deploymentId: string;
  readonly from: null;
  readonly to: null;
};

/** An event as subscribers see it. */
export type Change = RowChange | RolloutLogChange | ReleaseChange | DeploymentLogChange;

/** A change of a supervisor. */
export type SupervisorChange = Extract<Change, { entity: 'supervisor' }>;
/** A change of a plugin. */
export type PluginChange = Extract<Change, { entity: 'plugin' }>;

/** Whether a change is one of a supervisor or a plugin. */
export function isRowChange(change: Change): change is RowChange {
  return change.entity === 'supervisor' || change.entity === 'plugin';
}

/** The changed row, as of the change. */
export function rowOf(change: RowChange): Supervisor | Plugin {
  return change.entity === 'supervisor' ? change.supervisor : change.plugin;
}

/** The row as it was before the change; null where the change created it. */
export function rowBefore(change: RowChange): Supervisor | Plugin | null {
  if (change.kind.endsWith('_CREATED')) return null;
  return { ...rowOf(change), ...change.previous };
}

/** The events that only operators see (E1): no change of a supervisor or a plugin. */
export const credentialKinds = [
  'SUPERVISOR_SECRET_RESET',
  'API_KEY_CREATED',
  'API_KEY_REVOKED',
  'HOSTNAME_BLOCKED',
  'HOSTNAME_UNBLOCKED',
] as const satisfies readonly EventKind[];

/** The changes among events' rows, as `readEvents` returns them: events of credentials are none. */
export function changesFromRows(rows: readonly JsonRow[]): Change[] {
  return rows.filter(({ kind }) => !credentialKinds.some((own) => own === kind)).map(changeFromRow);
}

/** The change of an event's row. The triggers in prisma/migrations make the casts true. */
export function changeFromRow(row: JsonRow): Change {
  const base = {
    seq: row.seq as number,
    at: new Date(row.at as string),
    domainId: row.domain_id as string,
    kind: row.kind as EventKind,
    actor: row.actor as string | null,
    reason: row.reason as string | null,
    previous: previousFrom(row.changes as Readonly<Record<string, { from: unknown }>> | null),
  };
  const states = { from: row.from as never, to: row.to as never };
  const entity = row.row as JsonRow;
  if (typeof row.rollout_id === 'string') {
    const supervisorId = row.supervisor_id as string | null;
    return { ...base, ...states, entity: 'rollout', rolloutId: row.rollout_id, supervisorId };
  }
  if (typeof row.release_id === 'string') {
    return { ...base, from: null, to: null, entity: 'release', release: fieldsFromRow(entity) as ChangedRelease };
  }
  if (typeof row.deployment_id === 'string') {
    return { ...base, from: null, to: null, entity: 'deployment', deploymentId: row.deployment_id };
  }
  return row.plugin_instance_id === null
    ? {
        ...base,
        ...states,
        entity: 'supervisor',
        supervisor: supervisorFromRow(withHiddenColumns('supervisor', entity)),
      }
    : { ...base, ...states, entity: 'plugin', plugin: pluginFromRow(withHiddenColumns('plugin', entity)) };
}

function previousFrom(changes: Readonly<Record<string, { from: unknown }>> | null): ChangeBase['previous'] {
  if (changes === null) return null;
  return fieldsFromRow(Object.fromEntries(Object.entries(changes).map(([column, { from }]) => [column, from])));
}

/**
 * The columns that no viewer sees: the triggers leave them out of events, so a change's row gets these values for them.
 * log.db.test.ts compares them with the triggers' arguments.
 */
export const hiddenColumns = {
  supervisor: {
    operator_fields: [],
    secret_hash: null,
    secret_open: false,
    awaits_first_publish: false,
    state_changes: [],
    actor: null,
    reason: null,
  },
  plugin: {
    deadline_at: null,
    missing_reports: 0,
    missing_since: null,
    actor: null,
    replaced_endpoints: [],
    endpoint_replaced_at: null,
    offered_generation: 0,
    placement_labels: {},
    allow_public: true,
    replaces_id: null,
    unreported: false,
    withheld_generation: 0,
  },
} as const;

function withHiddenColumns(entity: keyof typeof hiddenColumns, row: JsonRow): JsonRow {
  return { ...hiddenColumns[entity], ...row };
}
