const firstRetryMs = 1_000;
const longestRetryMs = 30_000;

/** Draws the pause before a retry: full jitter below a limit that doubles with each failure in a row, up to 30 s. */
export function retryDelayMs(failures: number, random: () => number): number {
  return Math.ceil(random() * Math.min(longestRetryMs, firstRetryMs * 2 ** failures));
}
