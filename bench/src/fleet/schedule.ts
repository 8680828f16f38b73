/** Which agent publishes when; `turn` numbers all publishes, from 0. */
export interface Schedule {
  agentOf(turn: number): number;
  /** The time of a publish, in milliseconds after the start. */
  dueMs(turn: number): number;
}

/**
 * Draws a schedule: every agent publishes once an interval, at a random moment (`random` from 0 to 1), so that agents
 * coincide as often as independent agents do.
 */
export function createSchedule(agents: number, intervalMs: number, random: () => number): Schedule {
  const moments = Float64Array.from({ length: agents }, () => random() * intervalMs).sort();
  return {
    agentOf: (turn) => turn % agents,
    dueMs: (turn) => Math.floor(turn / agents) * intervalMs + (moments[turn % agents] ?? 0),
  };
}
