import type { Event } from '@muster/db';
import { scopeFor } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { eventSeq, isId } from '../base/ids.ts';
import { eventFromRow, fieldOf } from '../base/rows.ts';
import { type Core, internalsOf } from '../core.ts';
import type { EventFilter } from '../query/filter.ts';
import type { PageArguments } from '../query/keyset.ts';
import { listPage, type Page } from '../query/page.ts';
import { parseFilter } from '../query/parseFilter.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { readLogBounds } from './sql/readLogBounds.ts';

/** The event with this id, or null where the viewer has none (A3). */
export function getEvent(core: Core, viewer: Viewer, id: string): Promise<Event | null> {
  const scope = scopeFor(viewer, 'read');
  if (!isId('Event', id)) return Promise.resolve(null);
  return internalsOf(core)
    .tenants.client(scope)
    .event.findFirst({ where: { seq: BigInt(eventSeq(id)), ...inScope(scope) } });
}

/** One page of history in the order of commits; its cursors are those of subscriptions too (E3). */
export async function listEvents(
  core: Core,
  viewer: Viewer,
  input: PageArguments & { domainId?: string | null | undefined; filter?: EventFilter | null | undefined },
): Promise<Page<Event>> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'read', input.domainId);
  const bounds = await readLogBounds(internals.db.sql);
  return listPage({
    sql: internals.db.sql,
    limits: core.settings.limits,
    entity: 'event',
    scope,
    where: parseFilter('event', input.filter, core.settings.limits),
    orderBy: [],
    page: input,
    model: eventFromRow,
    cursors: {
      of: (row) => encodeCursor(bounds.logId, Number(row.seq)),
      values: (text, path) => [decodeCursor(text, bounds, [path])],
    },
  });
}

/** The cursor of an event. */
export function cursorOf(core: Core, seq: number | bigint): string {
  return encodeCursor(core.hub.tail.logId, Number(seq));
}

/** Columns that every change changes, which says nothing. */
const stamps = new Set(['updated_at', 'state_changed_at']);

/** An event's changes by the names that the API's fields have. */
export function changedFields(event: Event): Record<string, unknown> | null {
  if (event.changes === null) return null;
  const changes = Object.entries(event.changes).filter(([column]) => !stamps.has(column));
  return Object.fromEntries(changes.map(([column, values]) => [fieldOf(column), values]));
}
