/**
 * O7: why a server may not be ready, with the words that /ready and the log say. docs/operate/runbook.md says of each what to
 * do.
 */
export const unreadyReasons = {
  stopping: 'the server is stopping',
  database_unreachable: 'the database gave no answer within 2 s on the connection that is kept for this',
  database_read_only: 'the database takes no writes: it is a standby, or read-only',
  disk_full: "the database's disk is full",
  write_failed: 'the database refused a write for another reason, which the log has',
  listener_down: 'the connection that listens for events and keys is lost',
  tail_behind: 'events that are over 10 s old have not been handed on yet',
  sweep_overdue: 'no sweep has ended for 3 intervals',
  lane_exhausted: 'writes wait, and none has been given a database connection for 2 s',
} as const;

/** A reason why a server is not ready. */
export type UnreadyReason = keyof typeof unreadyReasons;
