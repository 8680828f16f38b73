import { signal } from '@preact/signals';
import { expect, test } from 'vitest';
import type { Entity } from './entities.ts';
import type { ListEvent } from './listSource.ts';
import { tickedSource } from './tickedSource.ts';

const row = (id: string): Entity => ({ __typename: 'Rollout', id });

/** A list with the rows of `pages`, one page a reading. */
function listOf(pages: readonly (readonly string[])[], hasNextPage: boolean) {
  const left = pages.map((ids) => ids.map(row));
  const merged: string[] = [];
  const tick = signal(0);
  const source = tickedSource({
    entities: { merge: ({ id }) => merged.push(id) },
    readPage: async () => {
      const rows = left.shift() ?? [];
      const pageInfo = { hasNextPage, hasPreviousPage: false, startCursor: null, endCursor: null };
      return { cursor: String(left.length), rows, totalCount: rows.length, pageInfo };
    },
    tick,
  });
  return { source, tick, merged };
}

/** Reads the list, has it tick once, and gives the events of that, with the ids of the page that was read. */
async function changesOf(pages: readonly (readonly string[])[], hasNextPage = false) {
  const { source, tick, merged } = listOf(pages, hasNextPage);
  const { signal: open } = new AbortController();
  const { ids } = await source.read(open);
  const events: ListEvent[] = [];
  const end = source.watch(() => '', null, {
    event: (event) => events.push(event),
    failed: (error) => expect.fail(error.message),
  });
  tick.value++;
  await expect.poll(() => events.length).toBeGreaterThan(0);
  end();
  return { ids, merged, events: events.map(({ type, id }) => `${type} ${id}`) };
}

test('K4: at a tick, rows of the page change in place, new ones and those that are gone are announced', async () => {
  const { ids, merged, events } = await changesOf([
    ['a', 'b'],
    ['c', 'a'],
  ]);
  expect(ids).toEqual(['a', 'b']);
  expect(merged).toEqual(['a', 'b']);
  expect(events).toEqual(['ADDED c', 'MODIFIED a', 'REMOVED b']);
});

test('K4: a row that may only have moved to the next page is not called gone', async () => {
  const { events } = await changesOf(
    [
      ['a', 'b'],
      ['c', 'a'],
    ],
    true,
  );
  expect(events).toEqual(['ADDED c', 'MODIFIED a']);
});

test('K9: a list that is no longer watched reads nothing at a tick', async () => {
  const { source, tick } = listOf([['a'], ['b'], ['c']], false);
  const { signal: open } = new AbortController();
  await source.read(open);
  const events: ListEvent[] = [];
  source.watch(() => '', null, { event: (event) => events.push(event), failed: () => {} })();
  tick.value++;
  expect((await source.read(open)).ids).toEqual(['b']);
  expect(events).toEqual([]);
});
