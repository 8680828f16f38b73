import type { Deployment } from '@muster/db';
import { z } from 'zod';
import type { DomainInput } from '../../access/domainInput.ts';
import { domainFor, type Scope, scopeFor } from '../../access/policy.ts';
import { inScope } from '../../access/scopeWhere.ts';
import type { Viewer } from '../../access/viewer.ts';
import { badUserInput, notFound } from '../../base/errors.ts';
import { isId } from '../../base/ids.ts';
import { deploymentFromRow } from '../../base/rows.ts';
import type { Unchecked, UncheckedExcept } from '../../base/unchecked.ts';
import { describe, isStorable, parse } from '../../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../../core.ts';
import type { DeploymentFilter } from '../../query/filter.ts';
import type { PageArguments } from '../../query/keyset.ts';
import { listPage, orderKeys, type Page } from '../../query/page.ts';
import { parseFilter } from '../../query/parseFilter.ts';

/** The fields by which deployments can be ordered, as clients name them. */
export const deploymentOrderFields = {
  ID: 'id',
  NAME: 'name',
  PLUGIN_ID: 'pluginId',
  CREATED_AT: 'createdAt',
} as const;

/** A page of a list of deployments. */
export interface ListDeploymentsInput extends DomainInput, PageArguments {
  readonly filter?: DeploymentFilter | null | undefined;
  readonly orderBy?:
    | readonly { field: keyof typeof deploymentOrderFields; direction: 'ASC' | 'DESC' }[]
    | null
    | undefined;
}

/** A deployment by its id, or by its domain and name. */
export type DeploymentName = DomainInput & z.input<typeof nameSchema>;

const nameSchema = z.object({
  id: z.string('expected a text').nullish(),
  name: z.string('expected a text').nullish(),
});

/**
 * The deployment with this id, or with this name in the domain; null where the viewer has none (A3).
 *
 * @throws DomainError BAD_USER_INPUT unless exactly one of the two is given
 */
export async function getDeployment(
  core: Core,
  viewer: Viewer,
  input: Unchecked<DeploymentName>,
): Promise<Deployment | null> {
  const { id, name } = parse(nameSchema, input);
  if ((id == null) === (name == null)) {
    throw badUserInput(['id'], `expected an id or a name; got ${id == null ? 'neither' : 'both'}`);
  }
  if (id != null) return findDeploymentById(internalsOf(core), scopeFor(viewer, 'read', input.domainId), id);
  const domainId = domainFor(viewer, 'read', input.domainId);
  if (name == null || !isStorable(name)) return null;
  return internalsOf(core).tenants.client({ domainId }).deployment.findFirst({ where: { domainId, name } });
}

/** The deployment with this id within the scope, or null. */
async function findDeploymentById(core: CoreInternals, scope: Scope, id: string): Promise<Deployment | null> {
  if (!isId('Deployment', id)) return null;
  return core.tenants.client(scope).deployment.findFirst({ where: { id, ...inScope(scope) } });
}

/** @throws DomainError NOT_FOUND for a deployment that the scope does not have (A3) */
export async function requireDeployment(core: CoreInternals, scope: Scope, id: string): Promise<Deployment> {
  const deployment = await findDeploymentById(core, scope, id);
  if (!deployment) throw notFound('deployment', describe(id));
  return deployment;
}

/** The deployments with these ids that the viewer may see, by their ids. */
export async function findDeployments(
  core: Core,
  viewer: Viewer,
  ids: readonly string[],
): Promise<Map<string, Deployment>> {
  const scope = scopeFor(viewer, 'read');
  const where = { id: { in: [...ids] }, ...inScope(scope) };
  const found = await internalsOf(core).tenants.client(scope).deployment.findMany({ where });
  return new Map(found.map((deployment) => [deployment.id, deployment]));
}

/** One page, by name unless ordered otherwise. */
export async function listDeployments(
  core: Core,
  viewer: Viewer,
  input: UncheckedExcept<ListDeploymentsInput, Exclude<keyof ListDeploymentsInput, 'domainId'>>,
): Promise<Page<Deployment>> {
  const { limits } = core.settings;
  return listPage({
    db: internalsOf(core).db,
    limits,
    entity: 'deployment',
    scope: scopeFor(viewer, 'read', input.domainId),
    where: parseFilter('deployment', input.filter, limits),
    orderBy: orderKeys(deploymentOrderFields, input.orderBy, [{ field: 'name', direction: 'ASC' }]),
    page: input,
    model: deploymentFromRow,
  });
}
