import { domainFor, scopeFor } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { type Core, internalsOf } from '../core.ts';
import { expireLeases } from './sql/expireLeases.ts';

/** A problem of a whole domain. */
export interface DomainCondition {
  domainId: string;
  /** LEASES_HELD (L6). */
  type: string;
  since: Date;
  message: string;
}

/**
 * L6: an operator declares that a domain's held supervisors are gone. They become DISCONNECTED now. Leases that run out
 * together later are held again.
 *
 * @returns the ids of the supervisors that became DISCONNECTED
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

/** The conditions of the viewer's domain, or of all domains for an ADMIN without one; the first 1,000. */
export function domainConditions(core: Core, viewer: Viewer): Promise<DomainCondition[]> {
  const scope = scopeFor(viewer, 'read');
  return internalsOf(core)
    .tenants.client(scope)
    .domainCondition.findMany({
      where: inScope(scope),
      orderBy: [{ domainId: 'asc' }, { type: 'asc' }],
      take: 1_000,
    });
}
