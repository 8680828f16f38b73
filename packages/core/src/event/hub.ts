import type { Change } from './change.ts';
import { createSubscription, type Subscription } from './changeQueue.ts';
import type { EventTail } from './tail.ts';

/** Hands every change on to those who want it. No subscriber can hold up, or fail, another. */
export interface EventHub {
  readonly tail: EventTail;
  /** Changes after the tail's present position, and after `start` if that lies ahead, that `wants` accepts. */
  attach(wants: (change: Change) => boolean, start?: number): Subscription;
  readonly subscriptions: number;
  /** Ends every subscription, and any that is attached later at once. */
  close(): void;
}

export function createEventHub(tail: EventTail, bufferEvents: number): EventHub {
  const attached = new Set<Subscription>();
  let closed = false;

  tail.onChanges((changes) => {
    for (const change of changes) {
      for (const subscription of attached) subscription.offer(change);
    }
  });

  return {
    tail,
    attach: (wants, start = 0) => {
      const from = Math.max(start, tail.position);
      const subscription = createSubscription({
        logId: tail.logId,
        from,
        wants: (change) => change.seq > from && wants(change),
        bufferEvents,
        onEnd: () => attached.delete(subscription),
      });
      attached.add(subscription);
      if (closed) subscription.end();
      return subscription;
    },
    get subscriptions() {
      return attached.size;
    },
    close: () => {
      closed = true;
      for (const subscription of attached) subscription.end();
    },
  };
}
