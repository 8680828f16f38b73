import type { Plugin, Supervisor } from '@muster/db';
import type { Scope } from '../access/policy.ts';
import { isInScope } from '../access/scopeWhere.ts';
import { tagsInScope } from '../access/visibility.ts';
import type { Condition } from '../query/condition.ts';
import { meets, type RelatedRows } from '../query/evaluate.ts';
import { type Change, rowOf } from './change.ts';
import type { Feed } from './feed.ts';
import { cachedTrees, type SupervisorTree, type SupervisorTreeReader } from './supervisorTree.ts';
import type { WatchEvent } from './watchEvent.ts';

/**
 * A change's meaning to a watch whose filter reaches related rows: the change can let other rows of the same supervisor
 * start or stop to match, too. The changed row is sent as in any watch; another row only if it starts or stops to match.
 * All items of one change but the last carry the sequence number before the change, so that nobody resumes between
 * them.
 *
 * Not shareable: call it for every change, in order, and run the meanings in that order.
 */
export function relatedMeaning<Row extends { id: string; domainId: string }>(
  trees: SupervisorTreeReader,
  entity: Change['entity'],
  scope: Scope,
  where: Condition,
): Feed<WatchEvent<Row>>['meaningOf'] {
  const cached = cachedTrees(trees);
  // A plugin's supervisor may be another domain's public one, so each change of a supervisor may concern the watch.
  const isRelevant = (change: Change) =>
    (entity === 'plugin' && change.entity === 'supervisor') || isInScope(scope, change);

  async function readItems(change: Change): Promise<WatchEvent<Row>[]> {
    const { before, after } = await cached.around(change);
    const [matched, matches] = [matching(before), matching(after)];
    const items = [...new Set([...matched.keys(), ...matches.keys()])].flatMap((id) =>
      itemOf<Row>(change, matched.get(id), matches.get(id)),
    );
    return items.map((item, i) => (i === items.length - 1 ? item : { ...item, seq: change.seq - 1 }));
  }

  function matching(tree: SupervisorTree): Map<string, Supervisor | Plugin> {
    const related = relatedRowsOf(tree, scope);
    const rows = entity === 'plugin' ? [...tree.plugins.values()] : tree.supervisor ? [tree.supervisor] : [];
    const found = rows.filter((row) => isInScope(scope, row) && meets(where, row, related));
    return new Map(found.map((row) => [row.id, row]));
  }

  return (change) => (isRelevant(change) ? () => readItems(change) : null);
}

function itemOf<Row extends { id: string; domainId: string }>(
  change: Change,
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

/** As the viewer sees it: without other domains' plugins, and of another domain's supervisor no tags (A6). */
function relatedRowsOf({ supervisor, plugins }: SupervisorTree, scope: Scope): RelatedRows {
  return {
    supervisor: supervisor && { ...supervisor, tags: tagsInScope(scope, supervisor) },
    plugins: [...plugins.values()].filter((plugin) => isInScope(scope, plugin)),
  };
}
