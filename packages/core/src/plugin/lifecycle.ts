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

export type PluginOutcome =
  /**
   * Comes to be, or goes over, into `state`, for `reason` (null clears it). With `ifFresh` only a report about the
   * current generation does (P3); any other leaves the plugin as it is.
   */
  | {
      readonly kind: 'become';
      readonly state: PluginState;
      readonly reason: PluginReason | null;
      readonly ifFresh?: true;
    }
  | { readonly kind: 'stay' }
  | { readonly kind: 'notFound' }
  /** Can't come up. */
  | { readonly kind: 'none' };

/** Why a plugin is in its state, where that isn't plain. */
export const pluginReasons = {
  /** Its agent reported ERROR. */
  reported: 'REPORTED',
  /** P2: an operator asked to recover it. */
  recoverRequested: 'RECOVER_REQUESTED',
  /** P5: the control plane tries again what was not done by the deadline. */
  retried: 'RETRIED',
  /** P5: it was being provisioned for longer than the deadline. */
  deadlineExceeded: 'DEADLINE_EXCEEDED',
  /** P6: its agent's reports no longer have it. */
  missing: 'MISSING',
  /** P4: an operator uninstalled it. */
  uninstalled: 'UNINSTALLED',
  /** Its supervisor is being drained, or was: this one takes the place of another. */
  drained: 'DRAINED',
  /** It takes the place of one whose supervisor stayed DISCONNECTED for too long. */
  supervisorLost: 'SUPERVISOR_LOST',
  /** Another takes its place, and is ACTIVE. */
  relocated: 'MOVED',
  /** It was to take the place of another, which stays. */
  relocationAbandoned: 'MOVE_ABANDONED',
  /** A rollout installs it beside the version that it follows, or has it take that one's place. */
  rollout: 'ROLLOUT',
  /** A rollout went back. */
  rolledBack: 'ROLLED_BACK',
} as const;
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
 * What a reported state means. RE_PROVISIONING is the control plane's own word; an agent that echoes it is still at
 * work, as with PROVISIONING. NONE says nothing, and is refused (P7).
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
