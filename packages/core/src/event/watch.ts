import type { Plugin, Supervisor } from '@muster/db';
import { scopeFor } from '../access/policy.ts';
import { isInScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { type JsonRow, pluginFromRow, supervisorFromRow } from '../base/rows.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { createPredicate, type Predicate } from '../query/evaluate.ts';
import type { PluginFilter, SupervisorFilter } from '../query/filter.ts';
import { parseWatchFilter } from '../query/parseFilter.ts';
import { type Change, isRowChange, type RowChange, rowBefore, rowOf } from './change.ts';
import { restrictToDomain } from './domainGuard.ts';
import { Effort } from './effort.ts';
import { type Feed, onlyItem } from './feed.ts';
import { concernsRelated, relatedMeaning } from './relatedWatch.ts';
import { readResumePlace, startAfter } from './resume.ts';
import type { WatchEvent } from './watchEvent.ts';
import { startWithSnapshot, type WatchedEntity, type WatchedRow } from './watchSnapshot.ts';

/** The input of a watch. */
export interface WatchInput<Filter> {
  domainId?: string | null | undefined;
  filter?: Filter | null | undefined;
  /** E3: the cursor after which to start, without a snapshot. */
  after?: string | null | undefined;
}

/**
 * Keeps a list of supervisors true: an ADDED for each that matches, SYNCED, and then every change of a supervisor that
 * matched before or after the change.
 *
 * @throws DomainError BAD_USER_INPUT for a malformed filter or cursor; CURSOR_EXPIRED
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

async function watch<Row extends WatchedRow>(
  core: CoreInternals,
  viewer: Viewer,
  entity: WatchedEntity,
  input: WatchInput<SupervisorFilter | PluginFilter>,
  model: (row: JsonRow) => Row,
): Promise<Feed<WatchEvent<Row>>> {
  const scope = scopeFor(viewer, 'read', input.domainId);
  const where = parseWatchFilter(entity, input.filter, core.settings.limits);
  const predicate = createPredicate(where);
  const effort = new Effort();
  const place = await readResumePlace(core, input.after);
  const isRelated = predicate.relations.length > 0;
  const concerns = (change: Change) =>
    isRelated ? concernsRelated({ entity, scope }, change) : change.entity === entity && isInScope(scope, change);
  // History and live changes are read side by side, each in its own order, so each has its own.
  const createMeaning = (): Feed<WatchEvent<Row>>['meaningOf'] => {
    if (isRelated) {
      const trees = core.trees.readerFor(scope);
      return relatedMeaning<Row>({ trees, pacer: core.pacer, effort, entity, scope, predicate });
    }
    return (change) => {
      if (!isRowChange(change) || !concerns(change)) return null;
      effort.add(2 * predicate.comparisons);
      return onlyItem(watchEventOf<Row>(change, predicate));
    };
  };
  return restrictToDomain(scope, {
    viewer,
    afterSeq: place?.seq ?? null,
    effort,
    concerns,
    meaningOf: createMeaning(),
    start: async () =>
      place === null
        ? startWithSnapshot(core, { entity, scope, where, model, meaningOf: createMeaning(), effort })
        : startAfter(core, place, { meaningOf: createMeaning(), effort }),
    bookmark: (seq) => ({ type: 'BOOKMARK', seq, domainId: null, id: null, row: null }),
  });
}

/** Domains never change, so a row is in the scope before the change if it is after it. */
function watchEventOf<Row extends WatchedRow>(change: RowChange, predicate: Predicate): WatchEvent<Row> | null {
  const row = rowOf(change);
  const before = rowBefore(change);
  const matched = before !== null && predicate.meets(before);
  const matches = !change.kind.endsWith('_DELETED') && predicate.meets(row);
  if (!matched && !matches) return null;
  const { seq, domainId } = change;
  if (!matches) return { type: 'REMOVED', seq, domainId, id: row.id, row: null };
  return { type: matched ? 'MODIFIED' : 'ADDED', seq, domainId, id: row.id, row: row as unknown as Row };
}
