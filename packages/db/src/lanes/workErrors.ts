/** Why a work was stopped before it had ended. */
export type StopCause =
  /** The deadline of the operation passed. */
  | 'deadline'
  /** The client went away, or no longer wants the answer. */
  | 'client'
  /** The server is stopping. */
  | 'shutdown';

const messages: Readonly<Record<StopCause, string>> = {
  deadline: 'the operation took longer than it may',
  client: 'the client no longer waits for the operation',
  shutdown: 'the server is stopping',
};

/** A work was stopped: what it had under way is cancelled, and nothing runs it again. */
export class WorkStoppedError extends Error {
  override readonly name = 'WorkStoppedError';
  readonly stopCause: StopCause;

  constructor(stopCause: StopCause) {
    super(messages[stopCause]);
    this.stopCause = stopCause;
  }
}

/** The queue that a work would wait in is full; the work was not begun. */
export class QueueFullError extends Error {
  override readonly name = 'QueueFullError';
  /** After how many milliseconds there may be room. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('the queue is full');
    this.retryAfterMs = retryAfterMs;
  }
}

/** A statement got no answer: its connection is lost, though nobody has said so. */
export class SilentConnectionError extends Error {
  override readonly name = 'SilentConnectionError';

  /** @param answerMs how long it was waited for */
  constructor(answerMs: number) {
    super(`the database did not answer a statement for ${answerMs} ms`);
  }
}
