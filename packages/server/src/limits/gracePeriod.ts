/** How long what is under way may go on once the server stops, in milliseconds; then it is cut off. */
const gracePeriodMs = 5_000;

/**
 * The time that what is under way has once the server stops. It is one for all fronts, which stop one after another: so the
 * stop is over within its time, whatever holds up each of them.
 */
export interface GracePeriod {
  /** Says that the server stops. */
  begin(): void;
  /** The milliseconds that are left. */
  readonly leftMs: number;
}

/** Makes a grace period that has not begun. @param now milliseconds that only go forward */
export function createGracePeriod(now: () => number): GracePeriod {
  let endsAtMs = Number.POSITIVE_INFINITY;
  return {
    begin: () => {
      endsAtMs = now() + gracePeriodMs;
    },
    get leftMs() {
      return Math.min(gracePeriodMs, Math.max(0, endsAtMs - now()));
    },
  };
}
