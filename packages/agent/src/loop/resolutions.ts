import { errorMessage } from '../errorMessage.ts';
import { type Wish, wishKey } from '../plugin/wish.ts';
import type { Resolved } from '../spec/resolveSpec.ts';

/** The specs of all wishes, as agent.yaml and the files of the secrets say now. */
export class Resolutions {
  readonly #resolve: (wish: Wish) => Resolved;
  readonly #resolved = new Map<string, Resolved>();
  readonly #faults = new Map<string, string>();

  constructor(resolve: (wish: Wish) => Resolved) {
    this.#resolve = resolve;
  }

  /** Resolves the wishes anew. An earlier spec stays until its plugin is forgotten, for its grace and ports. */
  refresh(wishes: readonly Wish[]): void {
    this.#faults.clear();
    for (const wish of wishes) {
      const key = wishKey(wish);
      try {
        this.#resolved.set(key, this.#resolve(wish));
      } catch (error) {
        // Whatever is wrong with one plugin: the others go on.
        this.#faults.set(key, errorMessage(error));
      }
    }
  }

  find(key: string): Resolved | undefined {
    return this.#resolved.get(key);
  }

  /** Why a wish can't be resolved now, in words; undefined: it can. */
  faultOf(key: string): string | undefined {
    return this.#faults.get(key);
  }

  /** The hash of what a wish says to run; null while that can't be said. */
  hashOf(key: string): string | null {
    return this.#faults.has(key) ? null : (this.find(key)?.spec.identity.specHash ?? null);
  }

  /** All images that are named. */
  images(): Set<string> {
    return new Set([...this.#resolved.values()].flatMap(({ spec }) => spec.image ?? []));
  }

  forget(key: string): void {
    this.#resolved.delete(key);
  }
}
