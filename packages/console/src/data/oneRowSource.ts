import type { ListListener, ListSource } from './listSource.ts';

/** The parts of a list of one object. */
interface OneRowParts {
  /** Reads the object and the place of now; the object goes to the entities. */
  read(signal: AbortSignal): Promise<{
    readonly viewer: { readonly cursor: string } | null;
    readonly row: { readonly id: string } | null;
  }>;
  /** Watches the object. @returns ends it */
  watch(after: () => string, listener: ListListener): () => void;
}

/** One object as a list of one, or of none where there is no such object. */
export function oneRowSource({ read, watch }: OneRowParts): ListSource {
  return {
    read: async (signal) => {
      const { viewer, row } = await read(signal);
      if (!viewer) throw new Error('expected a viewer; got null');
      const ids = row ? [row.id] : [];
      return { cursor: viewer.cursor, ids, totalCount: ids.length, pageInfo: onlyPage };
    },
    readRows: (_ids, signal) => read(signal),
    count: async (signal) => ((await read(signal)).row ? 1 : 0),
    watch: (after, _ids, listener) => watch(after, listener),
  };
}

const onlyPage = { hasNextPage: false, hasPreviousPage: false, startCursor: null, endCursor: null };
