/** How far the charts look back. */
export const historyMs = 15 * 60_000;

/** How many objects are in each state. */
export type Counts = Readonly<Record<string, number>>;

/** The counts from a time on, until the next sample. */
export interface Sample {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly counts: Counts;
}

/** A change of one object's state; NONE for one that was not there, or is no more. */
export interface StateStep {
  readonly at: string;
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * The counts of the past, from those of now: each change is taken back.
 *
 * @param now the counts as of `at`
 * @param steps the changes before, the newest first
 * @returns a sample for each change, the oldest first, and one of now
 */
export function rewind(now: Counts, at: number, steps: readonly StateStep[]): Sample[] {
  const samples: Sample[] = [{ at, counts: now }];
  let counts = now;
  for (const step of steps) {
    samples.unshift({ at: Date.parse(step.at), counts });
    counts = moved(counts, step.to, step.from);
  }
  return samples;
}

function moved(counts: Counts, out: string | null, into: string | null): Counts {
  const next: Record<string, number> = { ...counts };
  if (out !== null && out !== 'NONE') next[out] = Math.max(0, (next[out] ?? 0) - 1);
  if (into !== null && into !== 'NONE') next[into] = (next[into] ?? 0) + 1;
  return next;
}

/** Adds a sample to those of before; older ones go, but for the one that reaches into the time that is shown. */
export function appended(samples: readonly Sample[], sample: Sample): readonly Sample[] {
  const begin = sample.at - historyMs;
  const firstInside = samples.findIndex(({ at }) => at > begin);
  const kept = firstInside > 0 ? samples.slice(firstInside - 1) : firstInside === 0 ? samples : samples.slice(-1);
  return [...kept, sample];
}
