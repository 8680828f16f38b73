/** Timers by their purposes: a second call for one purpose waits for the first. */
export interface Timers {
  later(purpose: string, ms: number, act: () => void): void;
  cancel(purpose: string): void;
  /** Cancels all, and takes no more. */
  close(): void;
}

export function createTimers(): Timers {
  const running = new Map<string, ReturnType<typeof setTimeout>>();
  let isClosed = false;
  return {
    later: (purpose, ms, act) => {
      if (isClosed || running.has(purpose)) return;
      const timer = setTimeout(() => {
        running.delete(purpose);
        act();
      }, ms);
      running.set(purpose, timer);
    },
    cancel: (purpose) => {
      clearTimeout(running.get(purpose));
      running.delete(purpose);
    },
    close: () => {
      isClosed = true;
      for (const timer of running.values()) clearTimeout(timer);
    },
  };
}

/** Waits for its time, or until it is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** A pause before the next attempt: doubled with each failure, up to `longestMs`, and drawn so that many don't come at once. */
export function backOffMs(failures: number, longestMs: number, random: () => number): number {
  return Math.min(longestMs, 500 * 2 ** failures) * (0.5 + random() / 2);
}
