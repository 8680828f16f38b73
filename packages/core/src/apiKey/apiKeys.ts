import type { DomainInput } from '../access/domainInput.ts';
import { can, scopeFor } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import type { Viewer } from '../access/viewer.ts';
import { notFound } from '../base/errors.ts';
import { isId } from '../base/ids.ts';
import { describe } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { allOf, type Condition } from '../query/condition.ts';
import type { PageArguments } from '../query/keyset.ts';
import { listPage, type Page } from '../query/page.ts';
import { type ApiKeyInfo, apiKeyFromRow } from './apiKeyInfo.ts';
import { revokeApiKeys } from './sql/revokeApiKeys.ts';

/** A page of a list of keys. */
export interface ListApiKeysInput extends DomainInput, PageArguments {
  /** A8: only the keys that this key made. Default: all. */
  madeByKey?: string | null | undefined;
}

/** The keys that the viewer may see, newest first: an OPERATOR sees its domain's, except those of ADMINs. */
export async function listApiKeys(core: Core, viewer: Viewer, input: ListApiKeysInput): Promise<Page<ApiKeyInfo>> {
  const { madeByKey } = input;
  return listPage({
    db: internalsOf(core).db,
    limits: core.settings.limits,
    entity: 'apiKey',
    scope: scopeFor(viewer, 'operate', input.domainId),
    where: allOf(
      grantable(viewer),
      madeByKey == null ? undefined : { field: 'madeByKey', operator: 'eq', value: madeByKey },
    ),
    orderBy: [{ field: 'createdAt', direction: 'DESC' }],
    page: input,
    model: apiKeyFromRow,
  });
}

/** The key to revoke. */
export interface RevokeApiKeyInput extends DomainInput {
  apiKeyId: string;
  /** A8: whether the keys that it made, and those that these made, end too. Default false. */
  cascade?: boolean | null | undefined;
}

/** A revoked key. */
export interface RevokedApiKey {
  readonly apiKey: ApiKeyInfo;
  /** A8: how many keys that it made, or that these made, ended with it. */
  readonly revokedMadeKeys: number;
}

/**
 * Ends a key for good, on every replica within 5 s (E6). A key that is revoked already stays as it is.
 *
 * @throws DomainError NOT_FOUND if the viewer has no such key
 */
export async function revokeApiKey(core: Core, viewer: Viewer, input: RevokeApiKeyInput): Promise<RevokedApiKey> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { apiKeyId } = input;
  const revokedMadeKeys = isId('ApiKey', apiKeyId)
    ? await revokeApiKeys(internals.db.sql, {
        id: apiKeyId,
        scope,
        mayBeAdmins: can(viewer, 'administer'),
        cascade: input.cascade ?? false,
        actor: viewer.subject,
        clockOffsetMs: internals.clockOffsetMs(),
      })
    : undefined;
  if (revokedMadeKeys === undefined) throw notFound('API key', describe(apiKeyId));
  const apiKey = await internals.tenants.client(scope).apiKey.findFirst({
    where: { id: apiKeyId, ...inScope(scope) },
    omit: { secretHash: true },
  });
  if (!apiKey) throw notFound('API key', describe(apiKeyId));
  await core.access.refreshKeys();
  return { apiKey, revokedMadeKeys };
}

/** The condition on the keys that the viewer could have made. */
export function grantable(viewer: Viewer): Condition | undefined {
  return can(viewer, 'administer') ? undefined : { field: 'role', operator: 'ne', value: 'ADMIN' };
}
