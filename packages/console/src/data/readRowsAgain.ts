import type { ListSource } from './listSource.ts';
import { asRequestError, isLasting } from './requestError.ts';
import { backOffMs, pause } from './timers.ts';

const longestPauseMs = 15_000;

/**
 * Makes rows true again after a lost connection, however late its events come: reads them until an answer has come, no
 * further attempt can help, or it is aborted.
 *
 * @param random chance, for the pauses between attempts; 0 to 1
 */
export async function readRowsAgain(
  { readRows }: Pick<ListSource, 'readRows'>,
  ids: readonly string[],
  signal: AbortSignal,
  random: () => number,
): Promise<void> {
  if (readRows === undefined || ids.length === 0) return;
  for (let failures = 0; !signal.aborted; failures++) {
    try {
      await readRows(ids, signal);
      return;
    } catch (thrown) {
      if (isLasting(asRequestError(thrown))) return;
      await pause(backOffMs(failures, longestPauseMs, random), signal);
    }
  }
}
