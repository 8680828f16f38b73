import type { Event, Plugin, Supervisor } from '@muster/db';
import { scopeFor } from './access/policy.ts';
import { inScope } from './access/scopeWhere.ts';
import type { Viewer } from './access/viewer.ts';
import { badUserInput } from './base/errors.ts';
import { eventSeq, kindOfId, type NodeKind } from './base/ids.ts';
import { type Core, internalsOf } from './core.ts';
import { isVisibleEvent } from './event/read.ts';

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
  const of = (kind: NodeKind) => ids.filter((id) => kindOfId(id) === kind);
  const [supervisors, plugins, events] = [of('Supervisor'), of('Plugin'), of('Event')];
  const prisma = internalsOf(core).tenants.client(scope);
  const found = new Map<string, FoundNode>();
  if (supervisors.length > 0) {
    for (const node of await prisma.supervisor.findMany({ where: { ...inScope(scope), id: { in: supervisors } } })) {
      found.set(node.id, { kind: 'Supervisor', node });
    }
  }
  if (plugins.length > 0) {
    for (const node of await prisma.plugin.findMany({ where: { ...inScope(scope), id: { in: plugins } } })) {
      found.set(node.id, { kind: 'Plugin', node });
    }
  }
  if (events.length > 0) {
    const seqs = events.map((id) => BigInt(eventSeq(id)));
    for (const node of await prisma.event.findMany({ where: { ...inScope(scope), seq: { in: seqs } } })) {
      if (isVisibleEvent(viewer, node)) found.set(`event-${node.seq}`, { kind: 'Event', node });
    }
  }
  return ids.map((id) => found.get(id) ?? null);
}
