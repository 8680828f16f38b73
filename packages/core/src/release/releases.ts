import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { type Scope, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { isId } from '../base/ids.ts';
import { parse } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import type { ReleaseFilter } from '../query/filter.ts';
import { findRows } from '../query/findRows.ts';
import type { PageArguments } from '../query/keyset.ts';
import { listPage, orderKeys, type Page } from '../query/page.ts';
import { parseFilter } from '../query/parseFilter.ts';
import { type ReleaseInfo, releaseFromRow } from './releaseInfo.ts';

/** The fields by which releases can be ordered, as clients name them. */
export const releaseOrderFields = {
  ID: 'id',
  PLUGIN_ID: 'pluginId',
  VERSION: 'version',
  CREATED_AT: 'createdAt',
} as const;

/** A page of a list of releases. */
export interface ListReleasesInput extends DomainInput, PageArguments {
  filter?: ReleaseFilter | null | undefined;
  orderBy?: readonly { field: keyof typeof releaseOrderFields; direction: 'ASC' | 'DESC' }[] | null | undefined;
}

/**
 * One page of the releases that a domain's plugins can be placed from: its own, and the public ones. By plugin id, the
 * newest version first, unless ordered otherwise.
 */
export async function listReleases(core: Core, viewer: Viewer, input: ListReleasesInput): Promise<Page<ReleaseInfo>> {
  const { limits } = core.settings;
  return listPage({
    db: internalsOf(core).db,
    limits,
    entity: 'release',
    scope: scopeFor(viewer, 'read', input.domainId),
    includePublic: true,
    where: parseFilter('release', input.filter, limits),
    orderBy: orderKeys(releaseOrderFields, input.orderBy, [
      { field: 'pluginId', direction: 'ASC' },
      { field: 'version', direction: 'DESC' },
    ]),
    page: input,
    model: releaseFromRow,
  });
}

/** The release with this id, or null where the viewer may see none (A3). */
export async function getRelease(core: Core, viewer: Viewer, releaseId: unknown): Promise<ReleaseInfo | null> {
  const scope = scopeFor(viewer, 'read');
  const id = parse(z.string('expected a text'), releaseId, ['id']);
  return findReleaseById(internalsOf(core), scope, id);
}

/** The release with this id, within the scope or public, or null. */
export async function findReleaseById(core: CoreInternals, scope: Scope, id: string): Promise<ReleaseInfo | null> {
  if (!isId('Release', id)) return null;
  const [row] = await findRows(
    core.db.sql,
    { entity: 'release', scope, includePublic: true, where: { field: 'id', operator: 'eq', value: id } },
    { limit: 1 },
  );
  return row ? releaseFromRow(row) : null;
}
