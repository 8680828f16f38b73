import type { DrainState, Supervisor } from '@muster/db';
import { DomainError } from '../../base/errors.ts';
import type { DrainChange } from './sql/changeCordon.ts';

/** A command about a supervisor's cordon or drain; `queue` is a drain that waits for its turn (D4). */
export type CordonCommand = 'cordon' | 'uncordon' | 'drain' | 'queue' | 'undrain';

/** The properties of a supervisor by which such a command is decided. */
export type CordonSituation = Pick<Supervisor, 'id' | 'state' | 'cordoned' | 'drainState' | 'drainKeepsCordon'>;

/** The change that a command makes. */
export interface CordonDecision {
  readonly cordoned: boolean;
  readonly drain: DrainChange;
  /** D2: whether the supervisor stays cordoned when the drain is undone. */
  readonly keepsCordon: boolean;
  /** The `reason` of the supervisor's event. */
  readonly reason: string;
}

type Decide = (seen: CordonSituation, hasDeadline: boolean) => CordonDecision | null;

const cordon: Decide = ({ cordoned, drainState, drainKeepsCordon }) => {
  if (drainState === null ? cordoned : drainKeepsCordon) return null;
  return { cordoned: true, drain: 'KEEP', keepsCordon: drainState !== null, reason: 'CORDONED_BY_OPERATOR' };
};

const uncordon: Decide = ({ cordoned }) =>
  cordoned ? { cordoned: false, drain: 'CLEAR', keepsCordon: false, reason: 'UNCORDONED_BY_OPERATOR' } : null;

/** D2: a drain remembers whether the supervisor was cordoned before. */
const begin =
  (drain: 'START' | 'QUEUE'): Decide =>
  ({ cordoned, drainState, drainKeepsCordon }) => ({
    cordoned: true,
    drain,
    keepsCordon: drainState === null ? cordoned : drainKeepsCordon,
    reason: drain === 'START' ? 'DRAIN_BEGUN_BY_OPERATOR' : 'DRAIN_QUEUED_BY_OPERATOR',
  });

/** D2: draining again changes the deadline, where one is given. */
const extend: Decide = ({ drainKeepsCordon }, hasDeadline) =>
  hasDeadline
    ? {
        cordoned: true,
        drain: 'EXTEND',
        keepsCordon: drainKeepsCordon,
        reason: 'DRAIN_DEADLINE_CHANGED_BY_OPERATOR',
      }
    : null;

const undrain: Decide = ({ drainKeepsCordon }) => ({
  cordoned: drainKeepsCordon,
  drain: 'CLEAR',
  keepsCordon: false,
  reason: 'DRAIN_UNDONE_BY_OPERATOR',
});

const stay: Decide = () => null;

const refuse: Decide = ({ id, state, drainState }) => {
  throw new DomainError(
    'SUPERVISOR_STATE',
    `cannot uncordon supervisor ${id}: its drain is ${drainState}, which undrain would end`,
    { command: 'uncordon', supervisorId: id, state },
  );
};

/** The decision for each state of the drain, NONE where there is none, and each command. */
const decisions: Record<DrainState | 'NONE', Record<CordonCommand, Decide>> = {
  NONE: { cordon, uncordon, drain: begin('START'), queue: begin('QUEUE'), undrain: stay },
  QUEUED: { cordon, uncordon: refuse, drain: begin('START'), queue: begin('QUEUE'), undrain },
  DRAINING: { cordon, uncordon: refuse, drain: extend, queue: extend, undrain },
  DRAINED: { cordon, uncordon, drain: begin('START'), queue: begin('QUEUE'), undrain },
  EXPIRED: { cordon, uncordon, drain: begin('START'), queue: begin('QUEUE'), undrain },
};

/**
 * The change that a command makes to a supervisor; null for none.
 *
 * @param hasDeadline whether the command names a deadline
 * @throws DomainError SUPERVISOR_STATE where the table refuses
 */
export function decideCordon(
  command: CordonCommand,
  seen: CordonSituation,
  hasDeadline: boolean,
): CordonDecision | null {
  return decisions[seen.drainState ?? 'NONE'][command](seen, hasDeadline);
}
