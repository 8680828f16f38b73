import type { Plugin, Supervisor } from '@muster/db';
import type { Scope } from '../access/policy.ts';
import { isInScope } from '../access/scopeWhere.ts';
import { conditionsInScope, tagsInScope } from '../access/visibility.ts';
import type { Pacer } from '../base/pacer.ts';
import type { Predicate, RelatedRows } from '../query/evaluate.ts';
import { type Change, isRowChange, type RowChange, rowOf } from './change.ts';
import { comparisonsPerPoint, type Effort } from './effort.ts';
import type { Feed } from './feed.ts';
import type { SupervisorTree, SupervisorTreeReader } from './supervisorTree.ts';
import type { WatchEvent } from './watchEvent.ts';
import type { WatchedEntity } from './watchSnapshot.ts';

/** Comparisons between two looks at whether others are to have their turn. */
const comparisonsTogether = 1_000;

/** A watch whose filter reaches related rows. */
export interface RelatedWatch {
  /** Reads trees for this watch alone. */
  readonly trees: SupervisorTreeReader;
  readonly pacer: Pacer;
  readonly effort: Effort;
  readonly entity: WatchedEntity;
  readonly scope: Scope;
  readonly predicate: Predicate;
}

type Rows = ReadonlyMap<string, Supervisor | Plugin>;

/** Whether a change may mean anything to a watch whose filter reaches related rows. */
export function concernsRelated(
  { entity, scope }: Pick<RelatedWatch, 'entity' | 'scope'>,
  change: Change,
): change is RowChange {
  if (!isRowChange(change)) return false;
  // A plugin's supervisor may be another domain's public one, so each change of a supervisor may concern the watch.
  return (entity === 'plugin' && change.entity === 'supervisor') || isInScope(scope, change);
}

/**
 * A change's meaning to a watch whose filter reaches related rows: the change can let other rows of the same supervisor
 * start or stop to match, too. The changed row is sent as in any watch; another row only if it starts or stops to match.
 * All items of one change but the last carry the sequence number before the change, so that nobody resumes between
 * them.
 *
 * Each row of the supervisor is tested once a change, each condition on related rows once for all of them, and other
 * work has its turn in between (W3).
 *
 * Not shareable: call it for every change, in order, and run the meanings in that order.
 */
export function relatedMeaning<Row extends { id: string; domainId: string }>(
  watch: RelatedWatch,
): Feed<WatchEvent<Row>>['meaningOf'] {
  const { trees } = watch;
  /** The rows that match in a tree: the tree after a change is the one before the next. */
  const matchingIn = new WeakMap<SupervisorTree, Promise<Rows>>();

  async function readItems(change: RowChange): Promise<WatchEvent<Row>[]> {
    const { before, after } = await trees.around(change);
    const [matched, matches] = [await matching(before), await matching(after)];
    const items = [...new Set([...matched.keys(), ...matches.keys()])].flatMap((id) =>
      itemOf<Row>(change, matched.get(id), matches.get(id)),
    );
    return items.map((item, i) => (i === items.length - 1 ? item : { ...item, seq: change.seq - 1 }));
  }

  function matching(tree: SupervisorTree): Promise<Rows> {
    const known = matchingIn.get(tree) ?? findMatching(watch, tree);
    matchingIn.set(tree, known);
    return known;
  }

  return (change) => (concernsRelated(watch, change) ? () => readItems(change) : null);
}

async function findMatching(watch: RelatedWatch, tree: SupervisorTree): Promise<Rows> {
  const { entity, scope, predicate } = watch;
  const rows = candidates(tree, entity).filter((row) => isInScope(scope, row));
  if (rows.length === 0) return new Map();
  const related = relatedRowsOf(tree, scope);
  const pause = createPauses(watch);
  for (const relation of predicate.relations) {
    const steps = relation.answer(related);
    for (let step = steps.next(); !step.done; step = steps.next()) {
      const wait = pause(step.value);
      if (wait) await wait;
    }
  }
  const found = new Map<string, Supervisor | Plugin>();
  for (const row of rows) {
    if (predicate.meets(row, related)) found.set(row.id, row);
    const wait = pause(predicate.comparisons);
    if (wait) await wait;
  }
  return found;
}

function candidates(tree: SupervisorTree, entity: WatchedEntity): readonly (Supervisor | Plugin)[] {
  if (entity === 'plugin') return [...tree.plugins.values()];
  return tree.supervisor ? [tree.supervisor] : [];
}

/** Counts comparisons, and waits for the next turn where they have become many. */
function createPauses({ pacer, effort, scope }: RelatedWatch): (comparisons: number) => Promise<void> | undefined {
  let since = 0;
  return (comparisons) => {
    effort.add(comparisons);
    since += comparisons;
    if (since < comparisonsTogether) return undefined;
    const points = since / comparisonsPerPoint;
    since = 0;
    return pacer.take(scope.domainId ?? '', points);
  };
}

function itemOf<Row extends { id: string; domainId: string }>(
  change: RowChange,
  before: Supervisor | Plugin | undefined,
  after: Supervisor | Plugin | undefined,
): WatchEvent<Row>[] {
  const { seq } = change;
  const row = after ?? before;
  if (row === undefined) return [];
  const { id, domainId } = row;
  if (after === undefined) return [{ type: 'REMOVED', seq, domainId, id, row: null }];
  if (before && id !== rowOf(change).id) return [];
  return [{ type: before ? 'MODIFIED' : 'ADDED', seq, domainId, id, row: after as unknown as Row }];
}

/**
 * As the viewer sees it: without other domains' plugins, and of another domain's supervisor no tags and conditions (A6).
 */
function relatedRowsOf({ supervisor, plugins }: SupervisorTree, scope: Scope): RelatedRows {
  return {
    supervisor: supervisor && {
      ...supervisor,
      tags: tagsInScope(scope, supervisor),
      conditions: conditionsInScope(scope, supervisor),
    },
    plugins: [...plugins.values()].filter((plugin) => isInScope(scope, plugin)),
  };
}
