import { propertyRuns } from '@muster/db/testing/propertyRuns';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ModelQuery, modelList } from '../../testing/queryModel.ts';
import { insertQueryRows, modelEntities, queryConditionOf, queryKeys, queryWords } from '../../testing/queryRows.ts';
import { useTestCore } from '../../testing/testCore.ts';
import { searchPlugins, searchSupervisors } from './list.ts';
import { readClock } from './sql/readClock.ts';

const t = useTestCore();
let stored: Awaited<ReturnType<typeof insertQueryRows>>;
/** The database's clock at the start; what depends on it here does so by more than a test takes. */
let now: Date;

beforeAll(async () => {
  await insertQueryRows(t, 10, 1);
  stored = await insertQueryRows(t, 60, 2);
  now = await readClock(t.db.sql, 0);
});

const searches = { supervisor: searchSupervisors, plugin: searchPlugins } as const;

function queryOf(entity: 'supervisor' | 'plugin'): fc.Arbitrary<ModelQuery> {
  const conditions = fc.array(queryConditionOf(entity), { maxLength: 2 });
  const keys = fc.constantFrom(...queryKeys[entity]);
  return fc.record(
    {
      filter: conditions,
      filter_or: conditions,
      keyword: fc.constantFrom('', ' ', ...queryWords, 'ALPHA  gamma'),
      // Of objects no two implementations need have the same order.
      sort: fc.array(
        fc.record(
          { key: keys.filter((key) => !/labels|tags|endpoints/.test(key)), desc: fc.boolean() },
          { requiredKeys: ['key'] },
        ),
        { maxLength: 2 },
      ),
      page: fc.record(
        { start: fc.integer({ min: -1, max: 70 }), limit: fc.integer({ min: 0, max: 20 }) },
        { requiredKeys: [] },
      ),
      only: fc.array(keys, { maxLength: 3 }),
      minimal: fc.boolean(),
      count_only: fc.boolean(),
    },
    { requiredKeys: [] },
  );
}

describe('a list is what query.md says of the same rows', () => {
  test.each(['supervisor', 'plugin'] as const)('for any query of a %s', async (entity) => {
    await fc.assert(
      fc.asyncProperty(queryOf(entity), async (query) => {
        const answer = await searches[entity](t.core, stored.domain.viewer, { query });
        expect(answer).toEqual(modelList(stored.rows[entity], query, modelEntities[entity], now));
      }),
      { numRuns: propertyRuns(150) },
    );
  });

  test.each(['supervisor', 'plugin'] as const)('for any single condition on a %s', async (entity) => {
    await fc.assert(
      fc.asyncProperty(queryConditionOf(entity), async (condition) => {
        const query = { filter: [condition] };
        const answer = await searches[entity](t.core, stored.domain.viewer, { query });
        expect(answer).toEqual(modelList(stored.rows[entity], query, modelEntities[entity], now));
      }),
      { numRuns: propertyRuns(400) },
    );
  });
});
