import type { ReadonlySignal } from '@preact/signals';
import type { Entities, Entity } from './entities.ts';
import type { ListEvent, ListPage, ListSource } from './listSource.ts';
import { onMove } from './onMove.ts';
import { asRequestError } from './requestError.ts';

/** A page of a list, with its rows. */
interface RowPage extends Omit<ListPage, 'ids'> {
  readonly rows: readonly Entity[];
}

export interface TickedSourceOptions {
  readonly entities: Pick<Entities, 'merge'>;
  /** Reads the page. Rows that have no id in the API get one here. */
  readonly readPage: (signal: AbortSignal) => Promise<RowPage>;
  /** Moves when the rows may have changed. */
  readonly tick: ReadonlySignal<unknown>;
}

/**
 * A list of objects that no subscription lists: its page is read again at each tick. Rows of the page change in place;
 * others are announced, as in a list that is watched (K4).
 */
export function tickedSource({ entities, readPage, tick }: TickedSourceOptions): ListSource {
  let known: readonly string[] = [];
  return {
    read: async (signal) => {
      const { rows, ...page } = await readPage(signal);
      if (!signal.aborted) for (const row of rows) entities.merge(row);
      known = rows.map(({ id }) => id);
      return { ...page, ids: known };
    },
    count: async (signal) => (await readPage(signal)).totalCount,
    watch: (_after, _ids, { event, failed }) => {
      const closing = new AbortController();
      const { signal } = closing;

      async function look(): Promise<void> {
        try {
          const page = await readPage(signal);
          if (signal.aborted) return;
          for (const each of eventsOf(known, page)) event(each);
          known = page.rows.map(({ id }) => id);
        } catch (thrown) {
          if (!signal.aborted) failed(asRequestError(thrown));
        }
      }

      const stop = onMove(tick, () => void look());
      return () => {
        closing.abort();
        stop();
      };
    },
  };
}

/** The changes from the rows of before to a page. */
function eventsOf(known: readonly string[], { rows, cursor, pageInfo }: RowPage): readonly ListEvent[] {
  const present = rows.map((row): ListEvent => {
    return { type: known.includes(row.id) ? 'MODIFIED' : 'ADDED', id: row.id, cursor, row };
  });
  // Where there is a further page, a row that is missing may only have moved there.
  if (pageInfo.hasNextPage) return present;
  const ids = new Set(rows.map(({ id }) => id));
  const gone = known.filter((id) => !ids.has(id));
  return [...present, ...gone.map((id): ListEvent => ({ type: 'REMOVED', id, cursor, row: null }))];
}
