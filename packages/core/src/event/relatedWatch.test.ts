import type { Plugin, Supervisor } from '@muster/db';
import { describe, expect, test } from 'vitest';
import { createPacer } from '../base/pacer.ts';
import { defaultLimits } from '../base/settings.ts';
import { createPredicate, type Predicate, type RelatedRows } from '../query/evaluate.ts';
import type { PluginFilter } from '../query/filter.ts';
import { parseFilter } from '../query/parseFilter.ts';
import type { Change } from './change.ts';
import { Effort } from './effort.ts';
import { itemsOf } from './feed.ts';
import { relatedMeaning } from './relatedWatch.ts';
import type { SupervisorTree } from './supervisorTree.ts';

const supervisor = { id: 's', domainId: 'd', state: 'ENABLED', tags: {} } as unknown as Supervisor;

function treeOf(count: number, state = 'ACTIVE'): SupervisorTree {
  const plugins = Array.from({ length: count }, (_, i) => ({ id: `p${i}`, domainId: 'd', state }) as unknown as Plugin);
  return { supervisor, plugins: new Map(plugins.map((plugin) => [plugin.id, plugin])) };
}

/** A filter of a plugin on all plugins of its supervisor, and so on from there. */
const nested = (inner: PluginFilter): PluginFilter => ({ supervisor: { plugins: { every: inner } } });
const whole = nested({ or: [{ state: { eq: 'ERROR' } }, { state: { eq: 'ACTIVE' } }] });

/** A watch of plugins, and the event loop's turns that its work has taken so far. */
function watchOf(predicate: Predicate, before: SupervisorTree, after: SupervisorTree) {
  let turns = 0;
  const pacer = createPacer((callback) => {
    turns += 1;
    setImmediate(callback);
  });
  const effort = new Effort();
  const trees = { around: async () => ({ before, after }) };
  const scope = { domainId: 'd' };
  const meaningOf = relatedMeaning<Plugin>({ trees, pacer, effort, entity: 'plugin', scope, predicate });
  const change = { entity: 'supervisor', seq: 7, domainId: 'd', supervisor } as unknown as Change;
  return { items: () => itemsOf(meaningOf(change) ?? []), effort, turns: () => turns };
}

describe('W3: what a watch with a related filter evaluates for a change', () => {
  test('grows with the number of plugins, and not with its square', async () => {
    const effortOf = async (count: number) => {
      const watch = watchOf(createPredicate(parseFilter('plugin', whole, defaultLimits)), treeOf(0), treeOf(count));
      expect(await watch.items()).toHaveLength(count);
      return watch.effort.takePoints();
    };
    const [some, many] = [await effortOf(100), await effortOf(1_000)];
    expect(some).toBeGreaterThan(0);
    expect(many / some).toBeLessThan(11);
  });

  test('tests each row, and each related row, once, however deep the relations are', async () => {
    let tested = 0;
    const counted = (id: string): Plugin =>
      new Proxy({ id, domainId: 'd' } as unknown as Plugin, {
        get: (target, name) => {
          if (name === 'state') tested += 1;
          return name === 'state' ? 'ACTIVE' : Reflect.get(target, name);
        },
      });
    const plugins = new Map(Array.from({ length: 50 }, (_, i) => [`p${i}`, counted(`p${i}`)]));
    const filter = (levels: number): PluginFilter =>
      levels === 0 ? { state: { eq: 'ACTIVE' } } : nested(filter(levels - 1));
    // Built by hand: parseFilter takes no filter this deep (W2).
    const condition = (levels: number): Parameters<typeof createPredicate>[0] =>
      levels === 0
        ? parseFilter('plugin', filter(0), defaultLimits)
        : {
            related: 'supervisor',
            where: { related: 'plugins', quantifier: 'every', where: condition(levels - 1) },
          };
    const watch = watchOf(createPredicate(condition(5)), treeOf(0), { supervisor, plugins });
    expect(await watch.items()).toHaveLength(50);
    expect(tested).toBe(50);
  });

  test('lets other work have its turn in between', async () => {
    const watch = watchOf(createPredicate(parseFilter('plugin', whole, defaultLimits)), treeOf(0), treeOf(100_000));
    await watch.items();
    expect(watch.turns()).toBeGreaterThan(4);
  });

  test('is known for the next change: the tree after a change is the one before it', async () => {
    const tree = treeOf(100);
    const watch = watchOf(createPredicate(parseFilter('plugin', whole, defaultLimits)), tree, tree);
    await watch.items();
    const once = watch.effort.takePoints();
    await watch.items();
    expect(watch.effort.takePoints()).toBe(0);
    expect(once).toBeGreaterThan(0);
  });
});

test('an answer about related rows is found by steps, and then known to each row', () => {
  const predicate = createPredicate(parseFilter('plugin', whole, defaultLimits));
  const related: RelatedRows = { supervisor, plugins: [...treeOf(10).plugins.values()] };
  const steps = predicate.relations.map((relation) => [...relation.answer(related)].length);
  // The plugins, and then the supervisor of which that is asked.
  expect(steps).toEqual([10, 1]);
  expect(predicate.meets({ state: 'ERROR' }, related)).toBe(true);
});
