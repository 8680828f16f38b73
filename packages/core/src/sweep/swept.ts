import type { Expired } from './sql/expireLeases.ts';

/** The result of one sweep. */
export interface Swept extends Expired {
  /** P5: the ids of plugins that did not come up in time. */
  overdue: string[];
  /** P5: the ids of plugins that are tried again. */
  retried: string[];
  /** S11: the ids of supervisors that were deleted, since they were DISCONNECTED for long. */
  forgotten: string[];
}

/** Receives the result of a sweep, with the milliseconds of downtime that were excused before it (L5). */
export type OnSwept = (swept: Swept & { excusedMs: number }) => void;
