import type { Viewer } from '../access/viewer.ts';
import { type DomainError, forbidden } from '../base/errors.ts';
import { isSameHostname } from '../base/hostname.ts';
import type { CoreInternals } from '../core.ts';
import type { NamedSupervisor } from './guessLimit.ts';
import type { RefusalCause } from './refusedIdentities.ts';

/**
 * Refuses a publish or a fetch that may be refused without the database: for another host than the one that the
 * credential is bound to (A7), and for a secret after too many wrong ones (S6).
 *
 * @throws DomainError FORBIDDEN, RATE_LIMITED
 */
export async function requireIdentity(
  core: CoreInternals,
  viewer: Viewer,
  named: NamedSupervisor,
  bringsSecret: boolean,
): Promise<void> {
  const { boundHostname } = viewer;
  if (boundHostname !== undefined && !isSameHostname(boundHostname, named.hostname)) {
    await recordRefusal(core, viewer, named, 'hostname');
    throw forbidden(
      viewer,
      `expected hostname ${boundHostname}, which the credential is bound to; got ${named.hostname}`,
    );
  }
  const tooMany = bringsSecret ? core.guesses.refusalOf(viewer, named) : null;
  if (tooMany === null) return;
  await recordRefusal(core, viewer, named, 'secret');
  throw tooMany;
}

/** S6, S9: counts a secret that was wrong or missing; returns the refusal. */
export async function refuseSecret(
  core: CoreInternals,
  viewer: Viewer,
  named: NamedSupervisor,
  bringsSecret: boolean,
): Promise<DomainError> {
  if (bringsSecret) core.guesses.failed(viewer, named);
  await recordRefusal(core, viewer, named, 'secret');
  const came = bringsSecret ? 'another one' : 'none';
  return forbidden(viewer, `expected the secret key that ${named.hostname} was created with; got ${came}`);
}

async function recordRefusal(
  core: CoreInternals,
  viewer: Viewer,
  { domainId, hostname }: NamedSupervisor,
  cause: RefusalCause,
): Promise<void> {
  await core.refusedIdentities.record({
    domainId,
    hostname,
    boundHostname: viewer.boundHostname ?? null,
    cause,
    address: viewer.address ?? null,
  });
}
