import type { ApiKey } from '@muster/db';
import { z } from 'zod';
import { apiKeyHash, formatApiKeyToken, newApiKeyToken } from '../access/keyring.ts';
import { can, scopeFor } from '../access/policy.ts';
import { inScope } from '../access/scopeWhere.ts';
import { type Role, roles, type Viewer } from '../access/viewer.ts';
import { DomainError, forbidden, notFound } from '../base/errors.ts';
import { fieldsFromRow } from '../base/rows.ts';
import { describe, parse, perLimits, text } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { allOf, type Condition } from '../query/condition.ts';
import type { PageArguments } from '../query/keyset.ts';
import { listPage, type Page } from '../query/page.ts';

/** An API key without the hash of its secret. */
export type ApiKeyInfo = Omit<ApiKey, 'secretHash'>;

/** The input of `createApiKey`. */
export interface CreateApiKeyInput {
  /** A name for people, that says what the key is for. */
  name: string;
  role: Role;
  /** By default the creator's; only an ADMIN's key may have none, which means all. */
  domainId?: string | null | undefined;
  /** When the key expires; by default never. */
  expiresAt?: Date | null | undefined;
}

const schemaOf = perLimits((limits) =>
  z.object({ name: text(limits.nameLength), role: z.enum(roles), expiresAt: z.date().nullish() }),
);

/**
 * Makes an API key (A4). An OPERATOR makes keys for its own domain, of any role but ADMIN; an ADMIN makes any.
 *
 * @returns the key, and the token that its owner sends, which can't be read again: only a hash is stored
 * @throws DomainError FORBIDDEN, or BAD_USER_INPUT for a malformed input
 */
export async function createApiKey(
  core: Core,
  viewer: Viewer,
  input: CreateApiKeyInput,
): Promise<{ apiKey: ApiKeyInfo; token: string }> {
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { name, role, expiresAt } = parse(schemaOf(core.settings.limits), input);
  requireMayGrant(viewer, role);
  if (scope.domainId === null && role !== 'ADMIN') {
    throw new DomainError('BAD_USER_INPUT', `domainId: expected a domain id for a key of the role ${role}; got none`, {
      path: ['domainId'],
    });
  }
  if (expiresAt && expiresAt.getTime() <= core.now()) {
    throw new DomainError('BAD_USER_INPUT', 'expiresAt: expected a time to come; got one that has passed', {
      path: ['expiresAt'],
    });
  }
  const token = newApiKeyToken();
  const created = await internalsOf(core)
    .tenants.client(scope)
    .apiKey.create({
      data: {
        id: token.id,
        name,
        role,
        domainId: scope.domainId,
        secretHash: new Uint8Array(apiKeyHash(token.secret)),
        createdBy: viewer.subject,
        expiresAt: expiresAt ?? null,
      },
      omit: { secretHash: true },
    });
  // The first key closes an open server: this replica at once, the others upon the notification.
  await core.access.refreshKeys();
  return { apiKey: created, token: formatApiKeyToken(token) };
}

/** The keys that the viewer may see, newest first: an OPERATOR sees its domain's, except those of ADMINs. */
export async function listApiKeys(
  core: Core,
  viewer: Viewer,
  input: PageArguments & { domainId?: string | null | undefined },
): Promise<Page<ApiKeyInfo>> {
  return listPage({
    sql: internalsOf(core).db.sql,
    limits: core.settings.limits,
    entity: 'apiKey',
    scope: scopeFor(viewer, 'operate', input.domainId),
    where: allOf(grantable(viewer)),
    orderBy: [{ field: 'createdAt', direction: 'DESC' }],
    page: input,
    model: (row) => fieldsFromRow(row) as ApiKeyInfo,
  });
}

/**
 * Ends a key for good, on every replica within 5 s (E6). A key that is revoked already stays as it is.
 *
 * @throws DomainError NOT_FOUND if the viewer has no such key
 */
export async function revokeApiKey(
  core: Core,
  viewer: Viewer,
  input: { id: string; domainId?: string | null | undefined },
): Promise<ApiKeyInfo> {
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const prisma = internalsOf(core).tenants.client(scope);
  const own = {
    id: input.id,
    ...inScope(scope),
    ...(can(viewer, 'administer') ? {} : { role: { not: 'ADMIN' as const } }),
  };
  const found = /^key-[0-9a-f]{12}$/.test(input.id);
  if (found) {
    await prisma.apiKey.updateMany({
      where: { ...own, revokedAt: null },
      data: { revokedAt: new Date(core.now()), revokedBy: viewer.subject },
    });
  }
  const apiKey = found ? await prisma.apiKey.findFirst({ where: own, omit: { secretHash: true } }) : null;
  if (!apiKey) throw notFound('API key', describe(input.id));
  await core.access.refreshKeys();
  return apiKey;
}

/** @throws DomainError FORBIDDEN for a role greater than the viewer's. */
function requireMayGrant(viewer: Viewer, role: Role): void {
  if (role === 'ADMIN' && !can(viewer, 'administer')) {
    throw forbidden(viewer, `only an ADMIN makes a key of the role ADMIN; the role is ${viewer.role}`);
  }
}

/** The keys that the viewer could have made. */
function grantable(viewer: Viewer): Condition | undefined {
  return can(viewer, 'administer') ? undefined : { field: 'role', operator: 'ne', value: 'ADMIN' };
}
