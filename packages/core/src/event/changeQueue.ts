import { DomainError } from '../base/errors.ts';
import type { Change } from './change.ts';
import { encodeCursor } from './cursor.ts';

/** One reader's bounded queue of changes; an async iterator that ends when `end` or `return` is called. */
export interface Subscription extends AsyncIterableIterator<Change> {
  offer(change: Change): void;
  /** The reader has got all up to `seq` in another way. */
  reach(seq: number): void;
  end(): void;
}

export interface SubscriptionOptions {
  logId: string;
  /** The place after which changes are offered. */
  from: number;
  wants: (change: Change) => boolean;
  /** E5: changes that may wait. */
  bufferEvents: number;
  onEnd(): void;
}

/**
 * Offering never throws and never waits. A reader that falls `bufferEvents` behind gets what it can still take from
 * the queue, and then SLOW_CONSUMER with the cursor to resume from (E5).
 */
export function createSubscription(options: SubscriptionOptions): Subscription {
  const waiting: Change[] = [];
  let ended = false;
  let overflowed = false;
  let lastTaken = options.from;
  let reader: PromiseWithResolvers<IteratorResult<Change>> | undefined;

  function finish(): void {
    if (ended) return;
    ended = true;
    options.onEnd();
  }

  const take = (change: Change): IteratorResult<Change> => {
    lastTaken = Math.max(lastTaken, change.seq);
    return { value: change, done: false };
  };

  return {
    offer: (change) => {
      if (ended || !options.wants(change)) return;
      if (reader) {
        reader.resolve(take(change));
        reader = undefined;
      } else if (waiting.length < options.bufferEvents) {
        waiting.push(change);
      } else {
        overflowed = true;
        finish();
      }
    },
    reach: (seq) => {
      lastTaken = Math.max(lastTaken, seq);
      const ahead = waiting.findIndex((change) => change.seq > seq);
      waiting.splice(0, ahead < 0 ? waiting.length : ahead);
    },
    end: () => {
      finish();
      reader?.resolve({ value: undefined, done: true });
      reader = undefined;
    },
    next: async () => {
      const change = waiting.shift();
      if (change) return take(change);
      if (overflowed) {
        overflowed = false;
        throw new DomainError(
          'SLOW_CONSUMER',
          `expected to be read as fast as changes come; more than ${options.bufferEvents} were waiting`,
          { lastCursor: encodeCursor(options.logId, lastTaken) },
        );
      }
      if (ended) return { value: undefined, done: true };
      // One reader reads one change at a time: graphql-js and graphql-ws await each.
      reader ??= Promise.withResolvers();
      return reader.promise;
    },
    return: async () => {
      waiting.length = 0;
      overflowed = false;
      finish();
      reader?.resolve({ value: undefined, done: true });
      reader = undefined;
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
