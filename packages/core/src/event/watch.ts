import type { Plugin, Supervisor } from '@muster/db';
import { type Scope, scopeFor } from '../access/policy.ts';
import { isInScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { type JsonRow, pluginFromRow, supervisorFromRow } from '../base/rows.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { type Condition, isOfOwnFields } from '../query/condition.ts';
import { meets } from '../query/evaluate.ts';
import type { PluginFilter, SupervisorFilter } from '../query/filter.ts';
import { parseFilter } from '../query/parseFilter.ts';
import { readSnapshotPage } from '../query/snapshot.ts';
import { type Change, rowBefore, rowOf } from './change.ts';
import { restrictToDomain } from './domainGuard.ts';
import { type Feed, type FeedStart, ofChanges } from './feed.ts';
import { relatedWatch } from './relatedWatch.ts';
import { beginAfter, itemsBetween, resumePoint } from './resume.ts';
import type { WatchEvent } from './watchEvent.ts';

export interface WatchInput<Filter> {
  domainId?: string | null | undefined;
  filter?: Filter | null | undefined;
  /** E3: no snapshot, but all after this place. */
  after?: string | null | undefined;
}

/**
 * Keeps a list of supervisors true: an ADDED for each that matches, SYNCED, and then every change of one that matched
 * before or after it.
 */
export function supervisorWatch(
  core: Core,
  viewer: Viewer,
  input: WatchInput<SupervisorFilter>,
): Promise<Feed<WatchEvent<Supervisor>>> {
  return watch(internalsOf(core), viewer, 'supervisor', input, supervisorFromRow);
}

/** As `supervisorWatch`, for plugins. */
export function pluginWatch(
  core: Core,
  viewer: Viewer,
  input: WatchInput<PluginFilter>,
): Promise<Feed<WatchEvent<Plugin>>> {
  return watch(internalsOf(core), viewer, 'plugin', input, pluginFromRow);
}

type WatchedEntity = Change['entity'];

async function watch<Row extends { id: string; domainId: string }>(
  core: CoreInternals,
  viewer: Viewer,
  entity: WatchedEntity,
  input: WatchInput<SupervisorFilter | PluginFilter>,
  model: (row: JsonRow) => Row,
): Promise<Feed<WatchEvent<Row>>> {
  const scope = scopeFor(viewer, 'read', input.domainId);
  const where = parseFilter(entity, input.filter, core.settings.limits);
  const start = input.after == null ? null : await resumePoint(core, input.after);
  // History and what is live are read side by side, each in its own order.
  const meaning = () =>
    isOfOwnFields(where)
      ? ofChanges((change) => watchEventOf<Row>(change, entity, scope, where))
      : relatedWatch<Row>(core.trees, entity, scope, where);
  return restrictToDomain(scope, {
    viewer,
    start,
    ...meaning(),
    begin: async () =>
      start === null ? beginSnapshot(core, entity, scope, where, model, meaning()) : beginAfter(core, start, meaning()),
    bookmark: (seq) => ({ type: 'BOOKMARK', seq, domainId: null, id: null, row: null }),
  });
}

/** Domains never change, so a row is in the scope before and after alike. */
function watchEventOf<Row extends { id: string; domainId: string }>(
  change: Change,
  entity: WatchedEntity,
  scope: Scope,
  where: Condition,
): WatchEvent<Row> | null {
  if (change.entity !== entity) return null;
  if (!isInScope(scope, change)) return null;
  const row = rowOf(change);
  const before = rowBefore(change);
  const matched = before !== null && meets(where, before);
  const matches = !change.kind.endsWith('_DELETED') && meets(where, row);
  if (!matched && !matches) return null;
  const { seq, domainId } = change;
  if (!matches) return { type: 'REMOVED', seq, domainId, id: row.id, row: null };
  return { type: matched ? 'MODIFIED' : 'ADDED', seq, domainId, id: row.id, row: row as unknown as Row };
}

/**
 * A snapshot is read in pages by id, each as of the log's place at that moment. What changed between the first page and
 * the last is news of a row if it came after the page that the row's id falls into, since whatever came before is in
 * that page already; it is told before SYNCED. So the list is, at SYNCED, as it was at one moment, whose place is
 * SYNCED's cursor: whoever resumes there misses nothing and is told nothing twice (E3).
 */
function beginSnapshot<Row extends { id: string; domainId: string }>(
  core: CoreInternals,
  entity: WatchedEntity,
  scope: Scope,
  where: Condition,
  model: (row: JsonRow) => Row,
  meaning: Pick<Feed<WatchEvent<Row>>, 'concerns' | 'itemsOf'>,
): FeedStart<WatchEvent<Row>> {
  let joint = 0;

  async function* read(): AsyncGenerator<WatchEvent<Row>, undefined> {
    const pages: { upTo: string | null; seq: number }[] = [];
    for (let after: string | null = null; ; ) {
      const page = await readSnapshotPage(core.db.sql, entity, scope, where, after);
      const last: string | null = page.complete ? null : page.lastId;
      pages.push({ upTo: last, seq: page.headSeq });
      joint = page.headSeq;
      for (const row of page.rows) {
        const added = model(row);
        yield {
          type: 'ADDED',
          seq: pages[0]?.seq ?? joint,
          partial: true,
          domainId: added.domainId,
          id: added.id,
          row: added,
        };
      }
      if (last === null) break;
      after = last;
    }
    const isNewsOfItsPage = ({ id }: WatchEvent<Row>, change: Change) => {
      const page = pages.find(({ upTo }) => upTo === null || (id !== null && id <= upTo));
      return change.seq > (page?.seq ?? joint);
    };
    const meanwhile = itemsBetween(core, pages[0]?.seq ?? joint, joint, meaning, isNewsOfItsPage);
    for await (const item of meanwhile) yield { ...item, partial: true };
    yield { type: 'SYNCED', seq: joint, domainId: null, id: null, row: null };
  }

  return { first: read(), place: null, newsAfter: () => joint };
}
