/** Opened resources that are released together. */
export interface ResourceGroup {
  /** Notes how to release a resource. @param name for the log */
  add(name: string, release: () => Promise<void>): void;
}

/**
 * Opened resources, to be closed in the opposite order. Every release runs, even after another failed; `release` rejects
 * with the first error.
 */
export interface Resources extends ResourceGroup {
  /** Begins a group, whose members are released at the same time; the last that was added begins. */
  group(): ResourceGroup;
  /** Idempotent: later calls share the first one's promise. */
  release(): Promise<void>;
}

interface Resource {
  readonly name: string;
  release(): Promise<void>;
}

/** An empty list of resources. @param onError called for each release that fails */
export function createResources(onError: (name: string, error: unknown) => void): Resources {
  const open: Resource[][] = [];
  let releasing: Promise<void> | undefined;

  async function releaseAll(): Promise<void> {
    const errors: unknown[] = [];
    const releaseOne = async ({ name, release }: Resource) => {
      try {
        await release();
      } catch (error) {
        onError(name, error);
        errors.push(error);
      }
    };
    for (let group = open.pop(); group; group = open.pop()) await Promise.all(group.toReversed().map(releaseOne));
    if (errors.length > 0) throw errors[0];
  }

  return {
    add: (name, release) => void open.push([{ name, release }]),
    group: () => {
      const members: Resource[] = [];
      open.push(members);
      return { add: (name, release) => void members.push({ name, release }) };
    },
    release: () => {
      releasing ??= releaseAll();
      return releasing;
    },
  };
}
