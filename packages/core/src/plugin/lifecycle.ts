import type { PluginState } from '@muster/db';

/** The rows of domain.md's table: a plugin's state, and UNKNOWN for one that doesn't exist. */
export type PluginSituation = 'UNKNOWN' | PluginState;

/** The table's columns. */
export type PluginEvent =
  | 'reportedProvisioning'
  | 'reportedActive'
  | 'reportedError'
  | 'recover'
  | 'deadlinePasses'
  | 'missing';

/** The table's cells. */
export type PluginOutcome =
  /**
   * Creates the plugin in `state`, or changes it to `state`, for `reason` (null clears the reason). With `ifFresh` only
   * a report about the current generation does so (P3); any other leaves the plugin as it is.
   */
  | {
      readonly kind: 'become';
      readonly state: PluginState;
      readonly reason: PluginReason | null;
      readonly ifFresh?: true;
    }
  | { readonly kind: 'stay' }
  | { readonly kind: 'notFound' }
  /** Can't happen. */
  | { readonly kind: 'none' };

/** The reasons that a plugin may have for its state, or for being wanted or withdrawn. */
export const pluginReasons = {
  /** Its agent reported ERROR. */
  reported: 'REPORTED',
  /** P2: an operator asked to recover it. */
  recoverRequested: 'RECOVER_REQUESTED',
  /** P5: the control plane attempts again a plugin that was not ACTIVE by the deadline. */
  retried: 'RETRIED',
  /** P5: its deadline passed while it was being provisioned. */
  deadlineExceeded: 'DEADLINE_EXCEEDED',
  /** P6: its agent's reports lack it. */
  missing: 'MISSING',
  /** P4: an operator uninstalled it. */
  uninstalled: 'UNINSTALLED',
  /** It replaces a plugin on a supervisor that is being drained. */
  drained: 'DRAINED',
  /** It replaces a plugin on a supervisor that stayed DISCONNECTED for too long. */
  supervisorLost: 'SUPERVISOR_LOST',
  /** A replacement elsewhere is ACTIVE. */
  relocated: 'MOVED',
  /** It was to replace a plugin that stays. */
  relocationAbandoned: 'MOVE_ABANDONED',
  /** A rollout installs it, or has replaced it by the new version. */
  rollout: 'ROLLOUT',
  /** A rollout was rolled back. */
  rolledBack: 'ROLLED_BACK',
  /** M7: a deployment placed it. */
  deployed: 'DEPLOYED',
  /** M7: its deployment wants it there no more. */
  undeployed: 'UNDEPLOYED',
} as const;
/** One of these reasons. */
export type PluginReason = (typeof pluginReasons)[keyof typeof pluginReasons];

const stay = { kind: 'stay' } as const;
const none = { kind: 'none' } as const;
const provisioning = { kind: 'become', state: 'PROVISIONING', reason: null } as const;
const active = { kind: 'become', state: 'ACTIVE', reason: null } as const;
const failed = { kind: 'become', state: 'ERROR', reason: pluginReasons.reported } as const;
const overdue = { kind: 'become', state: 'ERROR', reason: pluginReasons.deadlineExceeded } as const;
const again = { kind: 'become', state: 'RE_PROVISIONING', reason: pluginReasons.recoverRequested } as const;

/** domain.md's "Plugin lifecycle", whole. */
export const pluginLifecycle: Record<PluginSituation, Record<PluginEvent, PluginOutcome>> = {
  UNKNOWN: {
    reportedProvisioning: provisioning,
    reportedActive: active,
    reportedError: failed,
    recover: { kind: 'notFound' },
    deadlinePasses: none,
    missing: none,
  },
  PROVISIONING: {
    reportedProvisioning: stay,
    reportedActive: active,
    reportedError: failed,
    recover: again,
    deadlinePasses: overdue,
    missing: stay,
  },
  ACTIVE: {
    reportedProvisioning: provisioning,
    reportedActive: stay,
    reportedError: failed,
    recover: again,
    deadlinePasses: none,
    missing: { kind: 'become', state: 'ERROR', reason: pluginReasons.missing },
  },
  RE_PROVISIONING: {
    reportedProvisioning: stay,
    reportedActive: { ...active, ifFresh: true },
    reportedError: { ...failed, ifFresh: true },
    recover: again,
    deadlinePasses: overdue,
    missing: stay,
  },
  ERROR: {
    reportedProvisioning: provisioning,
    reportedActive: active,
    reportedError: stay,
    recover: again,
    deadlinePasses: none,
    missing: stay,
  },
};

/** The wire's plugin states, of which a report may name all but NONE. */
export type WirePluginState = 'NONE' | PluginState;

/**
 * The event that each reported state means. RE_PROVISIONING is the control plane's own word: an agent that echoes it is
 * still at work, as with PROVISIONING. NONE says nothing, and is refused (P7).
 */
export const reportedEvents: Record<WirePluginState, PluginEvent | null> = {
  NONE: null,
  PROVISIONING: 'reportedProvisioning',
  RE_PROVISIONING: 'reportedProvisioning',
  ACTIVE: 'reportedActive',
  ERROR: 'reportedError',
};

/** P5: the states in which a plugin has a deadline. */
export const statesWithDeadline = statesWhere((outcomes) => outcomes.deadlinePasses.kind === 'become');

/** P6: the states in which a managed plugin that is missing changes. */
export const statesMissingMatters = statesWhere((outcomes) => outcomes.missing.kind === 'become');

function statesWhere(test: (outcomes: Record<PluginEvent, PluginOutcome>) => boolean): PluginState[] {
  const states = Object.keys(pluginLifecycle).filter((situation) => situation !== 'UNKNOWN') as PluginState[];
  return states.filter((state) => test(pluginLifecycle[state]));
}
