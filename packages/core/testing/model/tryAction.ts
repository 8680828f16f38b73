import { DomainError } from '../../src/base/errors.ts';

/** Does one of a world's actions, and notes it; a refusal is an answer, and changes nothing. */
export async function tryAction<World extends { readonly told: string[] }>(
  world: World,
  actions: Readonly<Record<string, (world: World) => Promise<unknown>>>,
  name: string,
): Promise<void> {
  world.told.push(name);
  try {
    await actions[name]?.(world);
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    world.told.push(`(${error.code})`);
  }
}
