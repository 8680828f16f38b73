import type { Plugin, Supervisor } from '@muster/db';
import type { Scope } from '../access/policy.ts';
import { isInScope } from '../access/scopeWhere.ts';
import { tagsInScope } from '../access/visibility.ts';
import type { Condition } from '../query/condition.ts';
import { meets, type Relatives } from '../query/evaluate.ts';
import { type Change, rowOf } from './change.ts';
import type { Feed } from './feed.ts';
import { cachedTrees, type SupervisorTree, type SupervisorTreeReader } from './supervisorTree.ts';
import type { WatchEvent } from './watchEvent.ts';

/**
 * What changes mean to a watch whose filter reaches related rows: a change of one row can let others begin or stop to
 * match, all of the same supervisor. The changed row comes as in any watch; others come only where they begin or stop
 * to match, since they didn't change themselves.
 *
 * What one change means for many rows is told in a row; only the last has the change's place, so that nobody resumes
 * between them.
 *
 * It is for one reader, who asks in the order of changes and leaves out none that concerns it.
 */
export function relatedWatch<Row extends { id: string; domainId: string }>(
  trees: SupervisorTreeReader,
  entity: Change['entity'],
  scope: Scope,
  where: Condition,
): Pick<Feed<WatchEvent<Row>>, 'concerns' | 'itemsOf'> {
  const remembered = cachedTrees(trees);
  return {
    // A plugin's supervisor may be another domain's public one, so each change of a supervisor may concern it.
    concerns: (change) => (entity === 'plugin' && change.entity === 'supervisor') || isInScope(scope, change),
    itemsOf: async (change) => {
      const { before, after } = await remembered.around(change);
      const [matched, matches] = [matching(before), matching(after)];
      const items = [...new Set([...matched.keys(), ...matches.keys()])].flatMap((id) =>
        itemOf<Row>(change, matched.get(id), matches.get(id)),
      );
      return items.map((item, i) => (i === items.length - 1 ? item : { ...item, seq: change.seq - 1 }));
    },
  };

  function matching(tree: SupervisorTree): Map<string, Supervisor | Plugin> {
    const relatives = relativesOf(tree, scope);
    const rows = entity === 'plugin' ? [...tree.plugins.values()] : tree.supervisor ? [tree.supervisor] : [];
    const found = rows.filter((row) => isInScope(scope, row) && meets(where, row, relatives));
    return new Map(found.map((row) => [row.id, row]));
  }
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
function relativesOf({ supervisor, plugins }: SupervisorTree, scope: Scope): Relatives {
  return {
    supervisor: supervisor && { ...supervisor, tags: tagsInScope(scope, supervisor) },
    plugins: [...plugins.values()].filter((plugin) => isInScope(scope, plugin)),
  };
}
