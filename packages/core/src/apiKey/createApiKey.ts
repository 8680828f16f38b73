import { z } from 'zod';
import { can, scopeFor } from '../access/policy.ts';
import { type Role, roles, type Viewer } from '../access/viewer.ts';
import { badUserInput, forbidden } from '../base/errors.ts';
import { parse, perLimits, text } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { type MadeApiKey, makeApiKey, requireFittingEnd } from './makeApiKey.ts';

/** The input of `createApiKey`. */
export interface CreateApiKeyInput {
  /** A name for people, that says what the key is for. */
  name: string;
  role: Role;
  /** By default the creator's; only an ADMIN's key may have none, which means all. */
  domainId?: string | null | undefined;
  /** When the key expires; by default never. */
  expiresAt?: Date | null | undefined;
  /** A7: the only host that an agent with the key speaks for. For the role SUPERVISOR alone; by default any. */
  hostname?: string | null | undefined;
}

const schemaOf = perLimits((limits) =>
  z.object({
    name: text(limits.nameLength),
    role: z.enum(roles),
    expiresAt: z.date().nullish(),
    hostname: text(limits.nameLength).nullish(),
  }),
);

/**
 * Makes an API key (A4). An OPERATOR makes keys for its own domain, of any role but ADMIN; an ADMIN makes any. A key
 * that ends makes none that ends later (A8).
 *
 * @throws DomainError FORBIDDEN; BAD_USER_INPUT for a malformed input; LIMIT past the domain's quota
 */
export async function createApiKey(core: Core, viewer: Viewer, input: CreateApiKeyInput): Promise<MadeApiKey> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { name, role, expiresAt, hostname } = parse(schemaOf(core.settings.limits), input);
  requireMayGrant(viewer, role);
  if (scope.domainId === null && role !== 'ADMIN') {
    throw badUserInput(['domainId'], `expected a domain id for a key of the role ${role}; got none`);
  }
  if (hostname != null && role !== 'SUPERVISOR') {
    throw badUserInput(['hostname'], `expected none for a key of the role ${role}: only an agent's is bound to a host`);
  }
  const key = {
    name,
    role,
    domainId: scope.domainId,
    expiresAt: requireFittingEnd(internals, viewer, 'expiresAt', expiresAt ?? null),
    hostname: hostname ?? null,
    enrollment: null,
  };
  const made = await internals.db.transaction((sql) => makeApiKey(internals, sql, viewer, key));
  // The first key closes an open server: this replica at once, the others upon the notification.
  await core.access.refreshKeys();
  return made;
}

/** @throws DomainError FORBIDDEN for a role greater than the viewer's. */
function requireMayGrant(viewer: Viewer, role: Role): void {
  if (role === 'ADMIN' && !can(viewer, 'administer')) {
    throw forbidden(viewer, `only an ADMIN makes a key of the role ADMIN; the role is ${viewer.role}`);
  }
}
