import { formatSize } from '../load/serverBench.ts';
import type { ConsoleFigures } from './measure.ts';
import type { SizedConsoleOptions } from './options.ts';
import { formatConsole } from './results.ts';

/** The table of one number of supervisors, or the reason why there is none. */
export interface Tabulated {
  readonly isMeasured: boolean;
  readonly text: string;
}

/**
 * Measures with one number of supervisors. A failure is a result, since the others can be measured nevertheless, and so
 * is a machine that is too slow.
 *
 * @param bound ends the measurement; `signal` ends all
 */
export async function tabulate(
  options: SizedConsoleOptions,
  measure: (options: SizedConsoleOptions, signal: AbortSignal) => Promise<ConsoleFigures>,
  bound: AbortSignal,
  signal: AbortSignal,
): Promise<Tabulated> {
  try {
    const figures = await measure(options, AbortSignal.any([bound, signal]));
    return { isMeasured: true, text: formatConsole(figures, options) };
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    const why = bound.aborted ? `it took more than ${options.minutes} minutes` : reason;
    return { isMeasured: false, text: `${formatSize(options.supervisors)}: not measured: ${why}` };
  }
}
