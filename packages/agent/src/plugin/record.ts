/** The attempts at one generation of a plugin, kept in the state file so that a restart of the agent forgets none. */
export interface PluginRecord {
  readonly generation: number;
  readonly specHash: string;
  /** Failures in a row: ends, refusals by the engine or a registry, and health lost. */
  readonly failures: number;
  /** When the next try may begin, in milliseconds since 1970; null: at once. */
  readonly nextTryAtMs: number | null;
  /** The start of the run whose end has been counted, so that no end counts twice; null: none. */
  readonly countedStartMs: number | null;
  /** The last failure, in words for operators. */
  readonly message: string | null;
}

/** G5: the first pause before a restart, doubled with each failure in a row. */
const firstPauseMs = 1_000;
/** G5: the longest such pause. */
export const longestPauseMs = 5 * 60_000;
/** G5: the failures in a row after which the plugin is reported as ERROR. */
export const failuresUntilError = 5;
/** G5: a plugin that was healthy for so long begins anew. */
export const healthyUntilResetMs = 10 * 60_000;

/** The record before the first attempt. */
export function newRecord(generation: number, specHash: string): PluginRecord {
  return { generation, specHash, failures: 0, nextTryAtMs: null, countedStartMs: null, message: null };
}

/** G5: counts a failure, and draws when to try again: full jitter below a limit that doubles from 1 s to 5 min. */
export function countFailure(
  record: PluginRecord,
  {
    message,
    startedAtMs,
    nowMs,
    random,
  }: { message: string; startedAtMs?: number | null; nowMs: number; random: () => number },
): PluginRecord {
  const limitMs = Math.min(longestPauseMs, firstPauseMs * 2 ** record.failures);
  return {
    ...record,
    failures: record.failures + 1,
    nextTryAtMs: nowMs + Math.ceil(random() * limitMs),
    countedStartMs: startedAtMs ?? record.countedStartMs,
    message,
  };
}
