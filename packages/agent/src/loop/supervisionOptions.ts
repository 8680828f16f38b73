import type { Driver } from '../driver/driver.ts';
import type { CheckHealth } from '../health/checkHealth.ts';
import type { Wish } from '../plugin/wish.ts';
import type { Resolved } from '../spec/resolveSpec.ts';
import type { StateFile } from '../state/stateFile.ts';

/** The parts that the running of plugins depends on. */
export interface SupervisionOptions {
  readonly driver: Driver;
  readonly stateFile: StateFile;
  /** Resolves a wish to what runs. @throws ConfigError where this host lacks something that it needs */
  readonly resolve: (wish: Wish) => Resolved;
  readonly check: CheckHealth;
  /** The host in endpoints (G10). */
  readonly advertisedHost: string;
  /** How long an image is kept that no plugin wants (G11), in milliseconds; 0: for ever. */
  readonly keepUnusedImagesMs: number;
  /** Called when the reports have changed. */
  readonly onReport: () => void;
  readonly observer: SupervisionObserver;
  /** Random numbers from 0 up to 1, for jitter. */
  readonly random: () => number;
}

/** Counts and logs what happens. */
interface SupervisionObserver {
  restarted(pluginId: string): void;
  pulled(seconds: number): void;
  log(level: 'debug' | 'info' | 'warn' | 'error', message: string, fields?: Record<string, unknown>): void;
}
