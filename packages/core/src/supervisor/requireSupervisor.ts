import type { Supervisor } from '@muster/db';
import type { Scope } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import { badUserInput, notFound } from '../base/errors.ts';
import { describe } from '../base/validate.ts';
import type { CoreInternals } from '../core.ts';

/**
 * The supervisor that a command is for.
 *
 * @throws DomainError NOT_FOUND where there is none within the scope (A3).
 */
export async function requireSupervisor(core: CoreInternals, scope: Scope, id: unknown): Promise<Supervisor> {
  const supervisor = await findSupervisor(core, scope, id);
  if (!supervisor) throw notFound('supervisor', describe(id));
  return supervisor;
}

/** The supervisor with this id within the scope, or null. @throws InputError where the id is no text */
export async function findSupervisor(core: CoreInternals, scope: Scope, id: unknown): Promise<Supervisor | null> {
  if (typeof id !== 'string') throw badUserInput(['supervisorId'], `expected a text; got ${describe(id)}`);
  if (id.includes('\0')) return null;
  return core.tenants.client(scope).supervisor.findFirst({ where: { id, ...inScope(scope) } });
}
