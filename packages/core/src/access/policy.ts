import { badUserInput, forbidden } from '../base/errors.ts';
import { parseDomainId } from '../base/validate.ts';
import type { Role, Viewer } from './viewer.ts';

/** The rights of a role: `read` and `operate` in a domain, `publish` as an agent, `administer` across domains. */
export type Capability = 'read' | 'operate' | 'publish' | 'administer';

/** The capabilities of each role: the whole of A1. */
export const capabilities: Record<Role, Record<Capability, boolean>> = {
  VIEWER: { read: true, operate: false, publish: false, administer: false },
  OPERATOR: { read: true, operate: true, publish: false, administer: false },
  SUPERVISOR: { read: false, operate: false, publish: true, administer: false },
  ADMIN: { read: true, operate: true, publish: true, administer: true },
};

/** The rows that an operation may reach: those of one domain, or of all for an ADMIN who named none. */
export interface Scope {
  /** Null for all domains. */
  readonly domainId: string | null;
}

/** Whether the viewer's role has the capability. */
export function can(viewer: Viewer, capability: Capability): boolean {
  return capabilities[viewer.role][capability];
}

/**
 * Whether the viewer is an agent, whose requests are signs of life (L1). An ADMIN is none, except while the server runs
 * open (A5): there, agents are ADMINs too.
 */
export function isAgent(viewer: Viewer): boolean {
  return can(viewer, 'publish') && (!can(viewer, 'administer') || viewer.credential === undefined);
}

/** @throws DomainError FORBIDDEN unless the viewer's role has the capability (A1). */
function requireCapability(viewer: Viewer, capability: Capability): void {
  if (!can(viewer, capability)) {
    throw forbidden(viewer, `the role ${viewer.role} may not ${capability}`);
  }
}

/**
 * The scope of an operation that may name a domain (A2).
 *
 * @throws DomainError FORBIDDEN for a domain other than the viewer's, or without the capability.
 */
export function scopeFor(viewer: Viewer, capability: Capability, domainId?: unknown): Scope {
  requireCapability(viewer, capability);
  const named = domainId == null ? null : parseDomainId(domainId);
  if (viewer.domainId === null && can(viewer, 'administer')) return { domainId: named };
  if (viewer.domainId === null || (named !== null && named !== viewer.domainId)) {
    throw forbidden(viewer, `expected domain ${viewer.domainId}, which the credential is for; got ${named}`);
  }
  return { domainId: viewer.domainId };
}

/**
 * The domain of an operation that works in one domain only (A2).
 *
 * @throws DomainError as `scopeFor`; BAD_USER_INPUT if an ADMIN of all domains names none
 */
export function domainFor(viewer: Viewer, capability: Capability, domainId?: unknown): string {
  const scope = scopeFor(viewer, capability, domainId);
  if (scope.domainId === null) {
    throw badUserInput(['domainId'], 'expected a domain id, since the credential is for no single domain; got none');
  }
  return scope.domainId;
}

/** @throws DomainError FORBIDDEN unless the viewer is an ADMIN, who alone makes a supervisor public (S7). */
export function requireMayMakePublic(viewer: Viewer): void {
  if (!can(viewer, 'administer')) {
    throw forbidden(viewer, `only an ADMIN makes a supervisor public; the role is ${viewer.role}`);
  }
}
