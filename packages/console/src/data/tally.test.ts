import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ListEvent } from './listSource.ts';
import { createTally } from './tally.ts';

const event = (type: ListEvent['type'], id: string): ListEvent => ({ type, id, cursor: '', row: null });

test('K4: rows that come and go are counted, and those on the page stay there', () => {
  const tally = createTally();
  tally.begin(['a', 'b'], 10);
  tally.take(event('ADDED', 'c'));
  tally.take(event('REMOVED', 'a'));
  tally.take(event('REMOVED', 'elsewhere'));
  tally.take(event('MODIFIED', 'b'));
  expect(tally.news()).toEqual({ added: 1, gone: new Set(['a']), totalCount: 9 });
  expect(tally.shows('a')).toBe(true);
});

test('K4: whatever comes and goes, the number of rows is that of the rows', () => {
  const ids = ['a', 'b', 'c', 'd', 'e'];
  fc.assert(
    fc.property(fc.subarray(ids), fc.array(fc.constantFrom(...ids)), (present, toggled) => {
      const rows = new Set(present);
      const shown = present.slice(0, 2);
      const tally = createTally();
      tally.begin(shown, rows.size);
      for (const id of toggled) {
        const isThere = rows.has(id);
        tally.take(event(isThere ? 'REMOVED' : 'ADDED', id));
        if (isThere) rows.delete(id);
        else rows.add(id);
      }
      const { totalCount, gone } = tally.news();
      expect(totalCount).toBe(rows.size);
      expect([...gone].sort()).toEqual(shown.filter((id) => !rows.has(id)));
    }),
  );
});
