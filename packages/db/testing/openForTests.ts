import { afterAll, beforeAll } from 'vitest';

/**
 * Opens a resource before the tests of a file, or of a `describe`, and closes it after them. The object returned is that
 * resource from the first `beforeAll` that follows on; before, it has no properties to read.
 */
export function openForTests<Resource extends object>(
  open: () => Promise<Resource>,
  close: (resource: Resource) => Promise<unknown>,
): Resource {
  let opened: Resource | undefined;
  const current = (): Resource => {
    if (opened === undefined)
      throw new Error('expected a use within a test or a hook: this opens before the first test');
    return opened;
  };
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(async () => {
    if (opened !== undefined) await close(opened);
    opened = undefined;
  });
  return new Proxy({} as Resource, {
    get: (_, key) => Reflect.get(current(), key),
    ownKeys: () => Reflect.ownKeys(current()),
    getOwnPropertyDescriptor: (_, key) => {
      const descriptor = Reflect.getOwnPropertyDescriptor(current(), key);
      return descriptor && { ...descriptor, configurable: true };
    },
  });
}
