import type { Observed } from '../driver/observed.ts';
import type { HealthSpec } from '../driver/runSpec.ts';
import type { CheckHealth } from '../health/checkHealth.ts';
import { type HealthWatch, watchHealth } from '../health/watchHealth.ts';
import type { Health } from '../plugin/decide.ts';

/** The health of all that runs. */
export interface HealthWatches {
  /** Watches what runs, and what ran before and still does no more. */
  follow(things: readonly Observed[], specOf: (thing: Observed) => HealthSpec | undefined): void;
  healthOf(thing: Observed): Health;
  /** Why the last check failed, in words; null where none did. */
  faultOf(thing: Observed): string | null;
  /** Since when it is healthy, in milliseconds since 1970; null while it isn't. */
  healthySinceMs(thing: Observed): number | null;
  /** Resolves when each thing has been checked once. */
  firstChecks(): Promise<unknown>;
  close(): void;
}

/** Opens the watches; nothing is watched yet. */
export function openHealthWatches(options: {
  check: CheckHealth;
  onChange: () => void;
  random: () => number;
}): HealthWatches {
  const watches = new Map<string, HealthWatch & { latest: Observed }>();
  const find = (thing: Observed) => watches.get(runOf(thing));

  return {
    follow: (things, specOf) => {
      const running = new Map(
        things.filter(({ status }) => status === 'RUNNING').map((thing) => [runOf(thing), thing]),
      );
      for (const [run, watch] of watches) {
        if (running.has(run)) continue;
        watch.stop();
        watches.delete(run);
      }
      for (const [run, thing] of running) {
        const watch = watches.get(run);
        if (watch) watch.latest = thing;
        const spec = specOf(thing);
        if (watch || !spec) continue;
        const { check, onChange, random } = options;
        // The ports may show in a later list than the run does.
        const latest = () => watches.get(run)?.latest ?? thing;
        const opened = watchHealth({ thing: latest, spec, check, onChange, random });
        watches.set(run, Object.assign(opened, { latest: thing }));
      }
    },
    healthOf: (thing) => find(thing)?.health() ?? 'STARTING',
    faultOf: (thing) => find(thing)?.fault() ?? null,
    healthySinceMs: (thing) => find(thing)?.healthySinceMs() ?? null,
    firstChecks: () => Promise.all([...watches.values()].map(({ firstCheck }) => firstCheck)),
    close: () => {
      for (const watch of watches.values()) watch.stop();
      watches.clear();
    },
  };
}

/** One run of a thing: what is started again begins anew. */
function runOf({ id, startedAtMs }: Observed): string {
  return `${id} ${startedAtMs}`;
}
