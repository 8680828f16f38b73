import { QueueFullError, WorkStoppedError } from './lanes/workErrors.ts';
import { isDatabaseUnavailable, sqlStateOf } from './unavailable.ts';

/** A reason why a work was not done, though nothing is wrong with it. */
export type DatabaseFailure =
  /** It took longer than it may, or nobody waits for it any longer. */
  | { readonly kind: 'timedOut' }
  /** The database is away, or others hold what the work needs. */
  | { readonly kind: 'unavailable' }
  /** Too much waits already. */
  | { readonly kind: 'queueFull'; readonly retryAfterMs: number };

/** The reason why a work failed, by the database's error; null where the work itself is wrong. */
export function databaseFailureOf(error: unknown): DatabaseFailure | null {
  if (error instanceof QueueFullError) return { kind: 'queueFull', retryAfterMs: error.retryAfterMs };
  if (error instanceof WorkStoppedError) return { kind: error.stopCause === 'shutdown' ? 'unavailable' : 'timedOut' };
  const state = sqlStateOf(error);
  if (state === '57014') return { kind: 'timedOut' };
  // Others hold a lock.
  if (state === '55P03' || isDatabaseUnavailable(error)) return { kind: 'unavailable' };
  return error instanceof Error && error.cause !== undefined ? databaseFailureOf(error.cause) : null;
}
