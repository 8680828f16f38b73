/** Who publishes when: the k-th publish of all, from the first one on. */
export interface Schedule {
  agentOf(turn: number): number;
  /** Milliseconds after the start. */
  dueMs(turn: number): number;
}

/**
 * Every agent publishes once an interval, each at a moment of its own, which `random` (from 0 to 1) decides: some come
 * together and some don't, as with agents that know nothing of one another.
 */
export function createSchedule(agents: number, intervalMs: number, random: () => number): Schedule {
  const moments = Float64Array.from({ length: agents }, () => random() * intervalMs).sort();
  return {
    agentOf: (turn) => turn % agents,
    dueMs: (turn) => Math.floor(turn / agents) * intervalMs + (moments[turn % agents] ?? 0),
  };
}
