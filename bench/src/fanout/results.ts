import type { FanoutOptions } from './options.ts';

/** Explains the figures, in words below the tables. */
export function explanation({ rounds, batches, eventsABatch }: FanoutOptions): string {
  return [
    `Medians, rounds: ${rounds}; the servers alternate, each a new process every time. In a round ${batches} commits cause`,
    `${eventsABatch} event${eventsABatch === 1 ? '' : 's'} each; the next comes when everybody has the last. Everybody got every event once, in order.`,
    "CPU: the server's process, user and system, in steps of 10 ms, over these batches; PostgreSQL's isn't in it.",
    'Messages/s: from a commit until its last message is there. The subscribers share one process, which can be the bound.',
    'p50/p99: from the time in the event to its receipt, at a resolution of 1 ms.',
    'Idle: what the resident set grew by, garbage collected before and after; with few subscribers it says little.',
  ].join('\n');
}
