import type { Event } from '@muster/db';
import { can, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { eventFromRow, fieldOf } from '../base/rows.ts';
import { isObject } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { allOf, type Condition } from '../query/condition.ts';
import type { EventFilter } from '../query/filter.ts';
import type { PageArguments } from '../query/keyset.ts';
import { listPage, type Page } from '../query/page.ts';
import { parseFilter } from '../query/parseFilter.ts';
import { credentialKinds } from './change.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { placeAt } from './epochs.ts';
import { readLogBounds } from './sql/readLogBounds.ts';

/** One page of history in the order of commits; its cursors are also those of subscriptions (E3). */
export async function listEvents(
  core: Core,
  viewer: Viewer,
  input: PageArguments & { domainId?: string | null | undefined; filter?: EventFilter | null | undefined },
): Promise<Page<Event>> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'read', input.domainId);
  const bounds = await readLogBounds(internals.db.sql);
  // `cursorOf` knows the epochs of what the tail has read, and of no later event.
  await core.hub.tail.reach(placeAt(bounds, bounds.headSeq));
  return listPage({
    db: internals.db,
    limits: core.settings.limits,
    entity: 'event',
    scope,
    where: allOf(parseFilter('event', input.filter, core.settings.limits), visibleKinds(viewer), {
      field: 'seq',
      operator: 'lte',
      value: bounds.headSeq,
    }),
    orderBy: [],
    page: input,
    model: eventFromRow,
    cursors: {
      of: (row) => encodeCursor(bounds, Number(row.seq)),
      values: (text, path) => [decodeCursor(text, bounds, [path]).seq],
    },
  });
}

/** E1: the condition on the events that the viewer may see: those of credentials are for operators. */
export function visibleKinds(viewer: Viewer): Condition | undefined {
  return can(viewer, 'operate') ? undefined : { field: 'kind', operator: 'notIn', value: credentialKinds };
}

/** The cursor of an event that the tail has read, by its sequence number. */
export function cursorOf({ hub }: Pick<Core, 'hub'>, seq: number | bigint): string {
  return encodeCursor(hub.tail.log, Number(seq));
}

/** S9: the hostname that an event's block is of; null for any other event. */
export function blockedHostnameOf({ kind, row }: Event): string | null {
  const isBlock = kind === 'HOSTNAME_BLOCKED' || kind === 'HOSTNAME_UNBLOCKED';
  return isBlock && isObject(row) ? String(row.hostname) : null;
}

/** The names of what an event is about, as of that event: they stay known when the row itself is gone. */
export interface EventNames {
  /** A supervisor's or a deployment's name; null for any other event. */
  readonly name: string | null;
  /** The software and its version, of a plugin, a release, a deployment or a rollout; null for any other event. */
  readonly pluginId: string | null;
  readonly version: string | null;
}

/** The names of what an event is about. Those of keys and blocks have fields of their own. */
export function namesOf({ kind, row }: Event): EventNames {
  const names = isObject(row) && !credentialKinds.some((own) => own === kind) ? row : {};
  const textOf = (column: string) => (typeof names[column] === 'string' ? names[column] : null);
  return { name: textOf('name'), pluginId: textOf('plugin_id'), version: textOf('version') };
}

/** Columns that every change changes, so that they say nothing. */
const stamps = new Set(['updated_at', 'state_changed_at']);

/** An event's changes by the API's field names, as `{from, to}`; null for an event without changes. */
export function changedFields(event: Event): Record<string, unknown> | null {
  if (event.changes === null) return null;
  const changes = Object.entries(event.changes).filter(([column]) => !stamps.has(column));
  return Object.fromEntries(changes.map(([column, values]) => [fieldOf(column), values]));
}
