import type { Change } from './change.ts';
import { ChangeQueue } from './changeQueue.ts';
import type { EventTail } from './tail.ts';

/** Hands every change on to the queues of its readers. No reader can delay, or fail, another. */
export interface EventHub {
  readonly tail: EventTail;
  /**
   * Opens a queue of the changes after the tail's position, and after `afterSeq` if that is later.
   *
   * @param meaningOf a change's meaning to the reader; null for a change that is not to be queued
   */
  attach<Meaning>(meaningOf: (change: Change) => Meaning | null, afterSeq?: number): ChangeQueue<Meaning>;
  /** How many queues are open. */
  readonly openQueues: number;
  /** Ends every queue, and each that is opened later at once. */
  close(): void;
}

/** @param bufferEvents E5: how many changes may wait in each queue */
export function createEventHub(tail: EventTail, bufferEvents: number): EventHub {
  const queues = new Set<Pick<ChangeQueue<unknown>, 'push' | 'end'>>();
  let closed = false;

  tail.onChanges((changes) => {
    for (const change of changes) {
      for (const queue of queues) queue.push(change);
    }
  });

  return {
    tail,
    attach: <Meaning>(meaningOf: (change: Change) => Meaning | null, afterSeq = 0) => {
      const queue = new ChangeQueue<Meaning>({
        logId: tail.logId,
        afterSeq: Math.max(afterSeq, tail.position),
        meaningOf,
        bufferEvents,
        onEnd: () => queues.delete(queue),
      });
      queues.add(queue);
      if (closed) queue.end();
      return queue;
    },
    get openQueues() {
      return queues.size;
    },
    close: () => {
      closed = true;
      for (const queue of queues) queue.end();
    },
  };
}
