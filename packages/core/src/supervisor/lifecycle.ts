import type { SupervisorState } from '@muster/db';
import { DomainError, notFound } from '../base/errors.ts';

/**
 * The rows of domain.md's table: a supervisor's state, with DISCONNECTED split by whether an operator has ever
 * registered it, and UNKNOWN for one that doesn't exist.
 */
export type SupervisorSituation =
  | 'UNKNOWN'
  | 'PENDING'
  | 'ENABLED'
  | 'DISABLED'
  | 'DISCONNECTED_REGISTERED'
  | 'DISCONNECTED_NEWCOMER';

/**
 * The table's columns. `register` is by id, `preregister` by hostname: it also registers who is not known yet (S2). `expire` is the command of a sweep that finds a lease run out.
 */
export type SupervisorCommand = 'publish' | 'register' | 'preregister' | 'enable' | 'disable' | 'deregister' | 'expire';

/** The table's cells. */
export type SupervisorOutcome =
  /**
   * Creates the supervisor in `state`, or changes it to `state`; `freshLease` grants a lease without a publish, and
   * `condition` says that the new state hides a lease that ran out.
   */
  | {
      readonly kind: 'become';
      readonly state: SupervisorState;
      readonly freshLease?: true;
      readonly condition?: typeof leaseExpired;
    }
  | { readonly kind: 'stay'; readonly condition?: typeof leaseExpired }
  | { readonly kind: 'delete' }
  /** S1: SUPERVISOR_STATE, and nothing changes. */
  | { readonly kind: 'refuse' }
  | { readonly kind: 'notFound' }
  /** Can't happen. */
  | { readonly kind: 'none' };

/**
 * L7: the condition of a supervisor whose agent fell silent, and whose state doesn't say so: DISABLED, or held by L6. The
 * column `connected` is made of the state and this condition.
 */
export const leaseExpired = 'LEASE_EXPIRED';

const stay = { kind: 'stay' } as const;
const refuse = { kind: 'refuse' } as const;
const notThere = { kind: 'notFound' } as const;
const remove = { kind: 'delete' } as const;
const none = { kind: 'none' } as const;
const become = (state: SupervisorState) => ({ kind: 'become', state }) as const;

/** domain.md's "Supervisor lifecycle", whole. `publish` renews the lease whatever its outcome (L1). */
export const supervisorLifecycle: Record<SupervisorSituation, Record<SupervisorCommand, SupervisorOutcome>> = {
  UNKNOWN: {
    publish: become('PENDING'),
    register: notThere,
    preregister: become('DISCONNECTED'),
    enable: notThere,
    disable: notThere,
    deregister: notThere,
    expire: none,
  },
  PENDING: {
    publish: stay,
    register: become('ENABLED'),
    preregister: become('ENABLED'),
    enable: refuse,
    disable: refuse,
    deregister: remove,
    expire: become('DISCONNECTED'),
  },
  ENABLED: {
    publish: stay,
    register: refuse,
    preregister: refuse,
    enable: stay,
    disable: become('DISABLED'),
    deregister: remove,
    expire: become('DISCONNECTED'),
  },
  DISABLED: {
    publish: stay,
    register: refuse,
    preregister: refuse,
    enable: become('ENABLED'),
    disable: stay,
    deregister: remove,
    expire: { kind: 'stay', condition: leaseExpired },
  },
  DISCONNECTED_REGISTERED: {
    publish: become('ENABLED'),
    register: refuse,
    preregister: refuse,
    enable: { kind: 'become', state: 'ENABLED', freshLease: true },
    disable: { kind: 'become', state: 'DISABLED', condition: leaseExpired },
    deregister: remove,
    expire: none,
  },
  DISCONNECTED_NEWCOMER: {
    publish: become('PENDING'),
    // The state stays; what changes is that it is registered.
    register: become('DISCONNECTED'),
    preregister: become('DISCONNECTED'),
    enable: refuse,
    disable: refuse,
    deregister: remove,
    expire: none,
  },
};

/** The `reason` of the event of each command. */
export const supervisorReasons = {
  publish: 'PUBLISHED',
  register: 'REGISTERED',
  preregister: 'PREREGISTERED',
  enable: 'ENABLED_BY_OPERATOR',
  disable: 'DISABLED_BY_OPERATOR',
  deregister: 'DEREGISTERED',
  expire: leaseExpired,
} as const satisfies Record<SupervisorCommand, string>;

/** The reason of a change that is no command of the lifecycle. */
export const updatedReason = 'UPDATED_BY_OPERATOR';

/** L6: the reason of the event of a lease that ran out in a domain that is held: the state stays. */
export const heldReason = 'LEASE_HELD';

/** S11: the reason of the deletion of a supervisor that was DISCONNECTED for long. */
export const forgottenReason = 'FORGOTTEN';

/** The reason of a change of the condition AGENT_SILENT. */
export const silenceReason = 'AGENT_SILENCE';

/** The row of the table that a supervisor is in. */
export function situationOf(supervisor: { state: SupervisorState; registeredAt: Date | null }): SupervisorSituation {
  if (supervisor.state !== 'DISCONNECTED') return supervisor.state;
  return supervisor.registeredAt ? 'DISCONNECTED_REGISTERED' : 'DISCONNECTED_NEWCOMER';
}

/**
 * The outcome of a command for a supervisor.
 *
 * @throws DomainError SUPERVISOR_STATE where the table refuses, NOT_FOUND where it says so (S1).
 */
export function decide(
  command: SupervisorCommand,
  supervisor: { id: string; state: SupervisorState; registeredAt: Date | null },
): Exclude<SupervisorOutcome, { kind: 'refuse' | 'notFound' }> {
  const outcome = supervisorLifecycle[situationOf(supervisor)][command];
  if (outcome.kind === 'notFound') throw notFound('supervisor', supervisor.id);
  if (outcome.kind === 'refuse') {
    const never = supervisor.registeredAt === null ? ', and it has never been registered' : '';
    throw new DomainError(
      'SUPERVISOR_STATE',
      `cannot ${command} supervisor ${supervisor.id}: its state is ${supervisor.state}${never}`,
      { command, supervisorId: supervisor.id, state: supervisor.state },
    );
  }
  return outcome;
}
