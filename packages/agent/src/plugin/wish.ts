import type { ReleaseSpec } from '../spec/releaseSpec.ts';

/** A plugin that the server wants to run here: an assignment, as the state file keeps it. */
export interface Wish {
  readonly domainId: string;
  readonly pluginId: string;
  readonly version: string;
  /** Grows by 1 with each recovery that an operator asks for. */
  readonly generation: number;
  /** The make of the version; null where it has no release (G14). */
  readonly release: ReleaseSpec | null;
}

/** The key of a plugin on this supervisor: two domains may each have the same plugin and version (P9). */
export function wishKey(of: Pick<Wish, 'domainId' | 'pluginId' | 'version'>): string {
  return JSON.stringify([of.domainId, of.pluginId, of.version]);
}

/** Creates a function that finds wishes by their keys; it goes through a list once, however often it is asked about it. */
export function createWishIndex(): (wishes: readonly Wish[] | null) => ReadonlyMap<string, Wish> {
  let last: readonly Wish[] | null = null;
  let byKey: ReadonlyMap<string, Wish> = new Map();
  return (wishes) => {
    if (wishes !== last) byKey = new Map((wishes ?? []).map((wish) => [wishKey(wish), wish]));
    last = wishes;
    return byKey;
  };
}
