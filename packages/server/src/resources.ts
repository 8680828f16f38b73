/**
 * Opened resources, to be closed in the opposite order. Every release runs, even after another failed; `release` rejects
 * with the first error.
 */
export interface Resources {
  /** Notes how to release a resource. @param name for the log */
  add(name: string, release: () => Promise<void>): void;
  /** Idempotent: later calls share the first one's promise. */
  release(): Promise<void>;
}

/** An empty list of resources. @param onError called for each release that fails */
export function createResources(onError: (name: string, error: unknown) => void): Resources {
  const open: { name: string; release: () => Promise<void> }[] = [];
  let releasing: Promise<void> | undefined;

  async function releaseAll(): Promise<void> {
    const errors: unknown[] = [];
    for (let next = open.pop(); next; next = open.pop()) {
      try {
        await next.release();
      } catch (error) {
        onError(next.name, error);
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  return {
    add: (name, release) => void open.push({ name, release }),
    release: () => {
      releasing ??= releaseAll();
      return releasing;
    },
  };
}
