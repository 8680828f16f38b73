/** Something that may come once: calls one of the two with it. Returns how to stop listening. */
export type Source<Value> = (resolve: (value: Value) => void, reject: (error: Error) => void) => () => void;

/**
 * Resolves, or rejects, with what comes first, and stops listening to the others. `Promise.race` would be kept, with all
 * that its caller holds, by each of its promises that goes on: one of 300 s by thousands of callers that left long ago.
 */
export async function firstOf<Value>(...sources: readonly Source<Value>[]): Promise<Value> {
  const { promise, resolve, reject } = Promise.withResolvers<Value>();
  const stops = sources.map((listen) => listen(resolve, reject));
  try {
    return await promise;
  } finally {
    for (const stop of stops) stop();
  }
}

type Listener<Value> = Parameters<Source<Value>>;

/** A value, or an error, that is announced once to all who listen then, and to who listens later. */
export class Announcement<Value> {
  readonly #listeners = new Set<Listener<Value>>();
  #tell: ((...listener: Listener<Value>) => void) | undefined;

  /** How many listen. */
  get listeners(): number {
    return this.#listeners.size;
  }

  readonly listen: Source<Value> = (...listener) => {
    if (this.#tell) this.#tell(...listener);
    else this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Announces a value. Later announcements count for nothing. */
  readonly resolve = (value: Value): void => this.#announce((resolve) => resolve(value));

  /** Announces an error. */
  readonly reject = (error: Error): void => this.#announce((_, reject) => reject(error));

  #announce(tell: (...listener: Listener<Value>) => void): void {
    if (this.#tell) return;
    this.#tell = tell;
    for (const listener of this.#listeners) tell(...listener);
    this.#listeners.clear();
  }
}
