import type { Event, Plugin, Supervisor } from '@muster/db';
import { type Scope, scopeFor } from './access/policy.ts';
import type { Viewer } from './access/viewer.ts';
import { badUserInput } from './base/errors.ts';
import { eventSeq, kindOfId, type NodeKind } from './base/ids.ts';
import { eventFromRow, type JsonRow, pluginFromRow, supervisorFromRow } from './base/rows.ts';
import { type Core, type CoreInternals, internalsOf } from './core.ts';
import { isVisibleEvent } from './event/read.ts';
import { readBoundedRows } from './query/boundedRows.ts';
import { createParameters } from './query/context.ts';
import { entities } from './query/fields.ts';
import { scopeSql } from './query/scopeSql.ts';
import { tableSql } from './query/tableSql.ts';

/** A thing found by its id, with its kind. */
export type FoundNode =
  | { kind: 'Supervisor'; node: Supervisor }
  | { kind: 'Plugin'; node: Plugin }
  | { kind: 'Event'; node: Event };

/**
 * The things with these ids, in their order; null for an id that names nothing the viewer may see (A3). At most one query
 * for each kind.
 *
 * @throws DomainError BAD_USER_INPUT for more ids than the limits allow.
 */
export async function findNodes(core: Core, viewer: Viewer, ids: readonly string[]): Promise<(FoundNode | null)[]> {
  const { nodeIds } = core.settings.limits;
  if (ids.length > nodeIds) throw badUserInput(['ids'], `expected at most ${nodeIds} ids; got ${ids.length}`);
  const scope = scopeFor(viewer, 'read');
  const reading = { core: internalsOf(core), scope };
  const of = (kind: NodeKind) => ids.filter((id) => kindOfId(id) === kind);
  const found = new Map<string, FoundNode>();
  for (const node of (await readByKey(reading, 'supervisor', of('Supervisor'))).map(supervisorFromRow)) {
    found.set(node.id, { kind: 'Supervisor', node });
  }
  for (const node of (await readByKey(reading, 'plugin', of('Plugin'))).map(pluginFromRow)) {
    found.set(node.id, { kind: 'Plugin', node });
  }
  for (const node of (await readByKey(reading, 'event', of('Event').map(eventSeq))).map(eventFromRow)) {
    if (isVisibleEvent(viewer, node)) found.set(`event-${node.seq}`, { kind: 'Event', node });
  }
  return ids.map((id) => found.get(id) ?? null);
}

/** The rows of an entity in the scope, by their ids, or events by their numbers. */
async function readByKey(
  { core, scope }: { readonly core: CoreInternals; readonly scope: Scope },
  entity: 'supervisor' | 'plugin' | 'event',
  keys: readonly unknown[],
): Promise<JsonRow[]> {
  if (keys.length === 0) return [];
  const parameters = createParameters();
  const context = { parameters, scope };
  const isOneOf = `t."${entities[entity].tieBreaker}" = ANY(${parameters.add(keys, entity === 'event' ? 'int8[]' : 'text[]')})`;
  const text = `SELECT to_jsonb(t) - 'secret_hash' AS row FROM ${tableSql(context, entity, 't')}
    WHERE ${scopeSql(context, 't')} AND ${isOneOf}`;
  const { db, settings } = core;
  const rows = await readBoundedRows<{ row: JsonRow }>({ db, limits: settings.limits }, parameters, {
    text,
    columns: [],
  });
  return rows.map(({ row }) => row);
}
