/**
 * What has been opened, to be closed in the opposite order. Every release runs, whatever the others do; the first
 * error is what `release` rejects with.
 */
export interface Resources {
  add(name: string, release: () => Promise<void>): void;
  /** Idempotent: later calls share the first one's promise. */
  release(): Promise<void>;
}

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
