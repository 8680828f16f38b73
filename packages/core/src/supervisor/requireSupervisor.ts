import type { Supervisor } from '@muster/db';
import type { Scope } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import { notFound } from '../base/errors.ts';
import { supervisorFromRow } from '../base/rows.ts';
import { describe, isStorable } from '../base/validate.ts';
import type { CoreInternals } from '../core.ts';
import type { Condition } from '../query/condition.ts';
import { findRows } from '../query/findRows.ts';

/**
 * The supervisor with this id within the scope.
 *
 * @throws DomainError NOT_FOUND where the scope has none (A3).
 */
export async function requireSupervisor(core: CoreInternals, scope: Scope, id: string): Promise<Supervisor> {
  const where: Condition = { field: 'id', operator: 'eq', value: id };
  const [row] = isStorable(id) ? await findRows(core.db.sql, { entity: 'supervisor', scope, where }, { limit: 1 }) : [];
  if (!row) throw notFound('supervisor', describe(id));
  return supervisorFromRow(row);
}

/** The supervisor with this id within the scope, or null. */
export function findSupervisor(core: CoreInternals, scope: Scope, id: string): Promise<Supervisor | null> {
  if (id.includes('\0')) return Promise.resolve(null);
  return core.tenants.client(scope).supervisor.findFirst({ where: { id, ...inScope(scope) } });
}
