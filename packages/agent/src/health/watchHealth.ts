import type { Observed } from '../driver/observed.ts';
import type { HealthSpec } from '../driver/runSpec.ts';
import type { Health } from '../plugin/decide.ts';
import type { CheckHealth } from './checkHealth.ts';

/** G3: the failures in a row after which a healthy thing is so no more. */
const failuresUntilUnhealthy = 3;
/** The pause between checks before the first success. */
const startingIntervalMs = 1_000;
/** The share of the interval by which checks vary, so that those of many plugins don't meet. */
const jitter = 0.1;

/** The health of one run of one thing, as it is seen from now on. */
export interface HealthWatch {
  health(): Health;
  /** Since when it is healthy; null while it isn't. */
  healthySinceMs(): number | null;
  /** Why the last check failed, in words; null where it didn't. */
  fault(): string | null;
  /** Resolves with the first check. */
  readonly firstCheck: Promise<void>;
  stop(): void;
}

/** The thing to watch, and whom to call. */
export interface WatchHealthOptions {
  /** The thing, as it was last seen. */
  readonly thing: () => Observed;
  readonly spec: HealthSpec;
  readonly check: CheckHealth;
  /** Called when `health` or `fault` has changed. */
  readonly onChange: () => void;
  readonly random: () => number;
}

/**
 * Checks a running thing again and again (G3). Before its first success it is STARTING, however long that takes: the
 * server's deadline bounds it. Afterwards it is UNHEALTHY once three checks in a row have failed.
 */
export function watchHealth({ thing, spec, check, onChange, random }: WatchHealthOptions): HealthWatch {
  let health: Health = 'STARTING';
  let healthySinceMs: number | null = null;
  let fault: string | null = null;
  let failures = 0;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const first = Promise.withResolvers<void>();

  function take(found: string | null): void {
    failures = found === null ? 0 : failures + 1;
    const before = { health, fault };
    fault = found;
    if (found === null) {
      health = 'HEALTHY';
      healthySinceMs ??= Date.now();
    }
    if (health === 'HEALTHY' && failures >= failuresUntilUnhealthy) {
      health = 'UNHEALTHY';
      healthySinceMs = null;
    }
    if (health !== before.health || fault !== before.fault) onChange();
  }

  async function run(): Promise<void> {
    const found = await check(thing(), spec);
    if (isStopped) return;
    take(found);
    first.resolve();
    // Somebody waits for a plugin that starts.
    const intervalMs = health === 'STARTING' ? startingIntervalMs : spec.intervalSeconds * 1_000;
    timer = setTimeout(() => void run(), intervalMs * (1 - jitter + 2 * jitter * random()));
  }

  void run();
  return {
    health: () => health,
    healthySinceMs: () => healthySinceMs,
    fault: () => fault,
    firstCheck: first.promise,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
      first.resolve();
    },
  };
}
