import { propertyRuns } from '@muster/db/testing/propertyRuns';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type ModelRow, modelMatches, modelPage, modelSorted } from '../../testing/queryModel.ts';
import { insertQueryRows, modelEntities, queryConditionOf } from '../../testing/queryRows.ts';
import { canonical, type ModelStage, modelAggregate, modelDistinct } from '../../testing/statModel.ts';
import { useTestCore } from '../../testing/testCore.ts';
import { readClock } from './sql/readClock.ts';
import { statPlugins, statSupervisors } from './stat.ts';

const t = useTestCore();
let stored: Awaited<ReturnType<typeof insertQueryRows>>;
let now: Date;

beforeAll(async () => {
  await insertQueryRows(t, 10, 1);
  stored = await insertQueryRows(t, 60, 2);
  now = await readClock(t.db.sql, 0);
});

type Searched = 'supervisor' | 'plugin';
const stats = { supervisor: statSupervisors, plugin: statPlugins } as const;

const ofEntity = {
  supervisor: {
    scalars: ['name', 'state', 'priority', 'is_public', 'created_at', 'registered_at'],
    numbers: ['priority', 'labels.a', 'tags.b', 'name'],
    json: ['labels', 'tags', 'labels.a', 'labels.a.b', 'tags.c'],
    lists: ['labels.a', 'tags.b'],
    times: ['created_at', 'updated_at', 'registered_at'],
  },
  plugin: {
    scalars: ['plugin_id', 'state', 'generation', 'managed', 'created_at', 'endpoint', 'hostname'],
    numbers: ['generation', 'labels.a', 'labels.b'],
    json: ['labels', 'labels.a', 'labels.b', 'endpoints'],
    lists: ['endpoints', 'labels.a'],
    times: ['created_at', 'state_changed_at'],
  },
} as const;

const condition = (keys: readonly string[]) =>
  fc.record({
    k: fc.constantFrom(...keys),
    o: fc.constantFrom('eq', 'not', 'gt', 'gte', 'lt', 'lte'),
    v: fc.oneof(fc.constantFrom<unknown>('alpha', 'gamma-1', 'ENABLED', 'ACTIVE', 0, 1, 2)),
  });

/** A group over the wire's fields: keys k0, k1, and one field of each kind of operator, f0, f1, ... */
function groupOf(entity: Searched): fc.Arbitrary<ModelStage> {
  const { scalars, numbers, json, times } = ofEntity[entity];
  const one = <T>(values: readonly T[]) => fc.constantFrom(...values);
  const conditions = fc.array(condition([...scalars.filter((key) => !key.endsWith('_at')), ...json]), { maxLength: 2 });
  const keys = fc
    .array(
      fc.oneof(
        fc.record({ k: one([...scalars, ...json]) }),
        fc.record({ k: one(times), date_format: one(['year', 'month', 'day', '%H:%M', '"\\%Y"%%', 'Q%d%L%S']) }),
      ),
      { maxLength: 2 },
    )
    .map((list) => list.map((key, i) => ({ ...key, n: `k${i}` })));
  const fields = fc
    .array(
      fc.oneof(
        fc.record({ o: fc.constant('count'), conditions }),
        fc.record({ o: one(['sum', 'average']), k: one(numbers), conditions }),
        fc.record({ o: one(['max', 'min']), k: one([...scalars, ...numbers.slice(0, 1)]) }),
        fc.record({ o: one(['first', 'last', 'push', 'add_to_set']), k: one([...scalars, ...json]) }),
        fc.record({
          o: one(['push', 'add_to_set']),
          fields: fc.constant([
            { k: scalars[0], n: 'a' },
            { k: json[1], n: 'b' },
          ]),
        }),
        fc.record({ o: fc.constant('merge_objects'), k: one(json) }),
      ),
      { minLength: 1, maxLength: 4 },
    )
    .map((list) => list.map((field, i) => ({ ...field, n: `f${i}` })));
  return fc.record({ keys, fields }).map((group) => ({ group }));
}

/** The stages that can come before a group, on the wire's fields. */
function earlyOf(entity: Searched): fc.Arbitrary<ModelStage> {
  const { scalars, lists } = ofEntity[entity];
  // Conditions on other fields take values of the field's type alone.
  const within = lists.filter((key) => key.startsWith('labels.'));
  return fc.oneof(
    fc.record({
      unwind: fc.record({ path: fc.constantFrom(...lists), filter: fc.array(condition(within), { maxLength: 1 }) }),
    }),
    fc.record({ sort: fc.record({ key: fc.constantFrom(...scalars), desc: fc.boolean() }) }),
    fc.record({ skip: fc.integer({ min: 0, max: 10 }) }),
    fc.record({ limit: fc.integer({ min: 1, max: 50 }) }),
  );
}

/** The stages that can follow a group that made k0 and f0. */
const lateOf: fc.Arbitrary<ModelStage[]> = fc.oneof(
  fc.constant<ModelStage[]>([]),
  fc.record({ limit: fc.integer({ min: 1, max: 5 }) }).map((stage) => [stage]),
  fc.constant<ModelStage[]>([{ count: { name: 'total' } }]),
  fc.constant<ModelStage[]>([{ unwind: { path: 'f0' } }]),
  fc.constant<ModelStage[]>([
    {
      group: {
        keys: [],
        fields: [
          { o: 'count', n: 'n' },
          { o: 'push', k: 'f0', n: 'all' },
        ],
      },
    },
  ]),
  fc
    .record({
      fields: fc
        .array(fc.constantFrom(undefined, 'size', 'sum', 'array_to_object', 'object_to_array'), {
          minLength: 1,
          maxLength: 3,
        })
        .map((operators) => operators.map((o, i) => ({ k: 'f0', n: `p${i}`, ...(o ? { o } : {}) }))),
      exclude_keys: fc.boolean(),
    })
    .map((project) => [{ project }]),
);

/** Sums in another order differ in their last digits, and sets have none: neither may tell two results apart. */
function comparable(value: unknown): unknown {
  if (typeof value === 'number') return Number(value.toPrecision(10));
  if (Array.isArray(value)) return value.map(comparable).sort((a, b) => (canonical(a) < canonical(b) ? -1 : 1));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, comparable(inner)]));
}

/** Whether the last value of a key wins in an object made of a set, whose elements have no order. */
function makesObjectOfSet(group: ModelStage, late: readonly ModelStage[]): boolean {
  return JSON.stringify(group).includes('"add_to_set"') && JSON.stringify(late).includes('"array_to_object"');
}

function rowsOf(entity: Searched, filter: Parameters<typeof modelMatches>[1]['filter'] = []): ModelRow[] {
  const { order, tieBreaker } = modelEntities[entity];
  const rows = modelMatches(stored.rows[entity], { filter }, modelEntities[entity], now);
  return modelSorted(rows, [{ key: order }, { key: tieBreaker }]);
}

describe('statistics are what query.md says of the same rows', () => {
  test.each(['supervisor', 'plugin'] as const)('for any pipeline with a group, of %ss', async (entity) => {
    const pipelines = fc
      .tuple(fc.array(earlyOf(entity), { maxLength: 3 }), groupOf(entity), lateOf)
      .filter(([, group, late]) => !makesObjectOfSet(group, late));
    const filters = fc.array(queryConditionOf(entity), { maxLength: 1 });
    await fc.assert(
      fc.asyncProperty(pipelines, filters, async ([early, group, late], filter) => {
        const aggregate = [...early, group, ...late];
        const { results } = await stats[entity](t.core, stored.domain.viewer, { query: { aggregate, filter } });
        const expected = modelAggregate(rowsOf(entity, filter), aggregate);
        const inOrder = (rows: readonly unknown[]) => rows.map(comparable);
        // The elements of a set have no order.
        const compared: (rows: readonly unknown[]) => unknown = late.some((stage) => 'unwind' in stage)
          ? comparable
          : inOrder;
        expect(compared([...results])).toEqual(compared(expected));
      }),
      { numRuns: propertyRuns(250) },
    );
  });

  test.each(['supervisor', 'plugin'] as const)('for any distinct values, of %ss, in pages', async (entity) => {
    const { scalars, json } = ofEntity[entity];
    const pages = fc.record({ start: fc.integer({ min: 0, max: 5 }), limit: fc.integer({ min: 0, max: 5 }) });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...scalars), pages, async (distinct, page) => {
        const found = await stats[entity](t.core, stored.domain.viewer, { query: { distinct, page } });
        const values = modelDistinct(stored.rows[entity], distinct);
        expect(found).toEqual({
          results: modelPage(values, page),
          ...(page.limit > 0 ? { total_count: values.length } : {}),
        });
      }),
      { numRuns: propertyRuns(60) },
    );
    for (const distinct of json) {
      const { results } = await stats[entity](t.core, stored.domain.viewer, { query: { distinct } });
      expect(comparable(results)).toEqual(comparable(modelDistinct(stored.rows[entity], distinct)));
    }
  });
});
