/** Wakes those that wait for a change. Changes that come while nobody waits count as one. */
export interface ChangeSignal {
  notify(): void;
  /** Yields once for the changes since the last time, until the signal aborts. */
  changes(signal: AbortSignal): AsyncGenerator<void, void>;
}

/** A signal without a change. */
export function createChangeSignal(): ChangeSignal {
  let count = 0;
  let next = Promise.withResolvers<void>();
  return {
    notify: () => {
      count += 1;
      next.resolve();
      next = Promise.withResolvers();
    },
    changes: async function* (signal) {
      const aborted = Promise.withResolvers<void>();
      const abort = () => aborted.resolve();
      signal.addEventListener('abort', abort);
      try {
        for (let seen = count; !signal.aborted; ) {
          if (count === seen) await Promise.race([next.promise, aborted.promise]);
          if (signal.aborted) return;
          seen = count;
          yield;
        }
      } finally {
        signal.removeEventListener('abort', abort);
      }
    },
  };
}
