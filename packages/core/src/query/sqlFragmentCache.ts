import { LRUCache } from 'lru-cache';

/** Parts of statements, made once for each thing that they are made of. */
export interface SqlFragmentCache {
  /**
   * The fragment of `source` for the table that is called `alias`; `make` makes the text, which must depend on nothing
   * else.
   *
   * @param source compared by identity; not to be changed afterwards
   */
  getOrMake(source: object, alias: string, make: () => string): string;
}

/** Sources whose fragments are kept; beyond, those of the least recently used one are dropped. */
const maxSources = 1_000;

/** A cache without fragments. */
export function createSqlFragmentCache(): SqlFragmentCache {
  const fragments = new LRUCache<object, Map<string, string>>({ max: maxSources });
  return {
    getOrMake: (source, alias, make) => {
      let byAlias = fragments.get(source);
      if (!byAlias) {
        byAlias = new Map();
        fragments.set(source, byAlias);
      }
      let fragment = byAlias.get(alias);
      if (fragment === undefined) {
        fragment = make();
        byAlias.set(alias, fragment);
      }
      return fragment;
    },
  };
}
