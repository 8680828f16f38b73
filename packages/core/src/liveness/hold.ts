import { domainFor, type Scope, scopeFor } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { type Core, internalsOf } from '../core.ts';
import { expireLeases } from './sql/expireLeases.ts';

/** Something wrong with a whole domain. */
export interface DomainCondition {
  domainId: string;
  /** LEASES_HELD (L6). */
  type: string;
  since: Date;
  message: string;
}

/**
 * L6: an operator says that those who are held are really gone. They become DISCONNECTED now; returns their ids. Leases
 * that run out together later are held again.
 */
export async function releaseHeldSupervisors(
  core: Core,
  viewer: Viewer,
  input: { domainId?: string | null | undefined },
): Promise<string[]> {
  const internals = internalsOf(core);
  const domainId = domainFor(viewer, 'operate', input.domainId);
  const { disconnected } = await expireLeases(internals.db.sql, {
    clockOffsetMs: internals.clockOffsetMs(),
    ...core.settings,
    released: { domainId, actor: viewer.subject },
  });
  return disconnected;
}

/** What is wrong with the viewer's domain, or, for an ADMIN of all, with any. */
export function domainConditions(core: Core, viewer: Viewer): Promise<DomainCondition[]> {
  const scope: Scope = scopeFor(viewer, 'read');
  return internalsOf(core)
    .tenants.client(scope)
    .domainCondition.findMany({
      where: inScope(scope),
      orderBy: [{ domainId: 'asc' }, { type: 'asc' }],
      take: 1_000,
    });
}
