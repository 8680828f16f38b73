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

/** A cache without fragments. Each fragment lives as long as its source, so no source can push out another's (W12). */
export function createSqlFragmentCache(): SqlFragmentCache {
  const fragments = new WeakMap<object, Map<string, string>>();
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
