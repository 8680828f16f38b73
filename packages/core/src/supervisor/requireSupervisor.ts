import type { Supervisor } from '@muster/db';
import type { Scope } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import { notFound } from '../base/errors.ts';
import { describe } from '../base/validate.ts';
import type { CoreInternals } from '../core.ts';

/**
 * The supervisor with this id within the scope.
 *
 * @throws DomainError NOT_FOUND where the scope has none (A3).
 */
export async function requireSupervisor(core: CoreInternals, scope: Scope, id: string): Promise<Supervisor> {
  const supervisor = await findSupervisor(core, scope, id);
  if (!supervisor) throw notFound('supervisor', describe(id));
  return supervisor;
}

/** The supervisor with this id within the scope, or null. */
export function findSupervisor(core: CoreInternals, scope: Scope, id: string): Promise<Supervisor | null> {
  if (id.includes('\0')) return Promise.resolve(null);
  return core.tenants.client(scope).supervisor.findFirst({ where: { id, ...inScope(scope) } });
}
