import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { forbidden, notFound } from '../base/errors.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { describe, parse } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { type ReleaseInfo, releaseFromRow } from './releaseInfo.ts';
import { findReleaseById } from './releases.ts';
import { retireRelease as retireRow } from './sql/retireRelease.ts';

/** The release to retire. */
export type RetireReleaseInput = DomainInput & z.input<typeof retireSchema>;

const retireSchema = z.object({ releaseId: z.string('expected a text') });

/**
 * C1: retires a release for good: it is placed no more, and what runs stays. A retired release stays as it is.
 *
 * @throws DomainError NOT_FOUND where the viewer may see no such release (A3); FORBIDDEN for a public one unless the viewer
 * is an ADMIN of all domains
 */
export async function retireRelease(
  core: Core,
  viewer: Viewer,
  input: Unchecked<RetireReleaseInput>,
): Promise<ReleaseInfo> {
  const internals = internalsOf(core);
  const scope = scopeFor(viewer, 'operate', input.domainId);
  const { releaseId } = parse(retireSchema, input);
  const release = await findReleaseById(internals, scope, releaseId);
  if (!release) throw notFound('release', describe(releaseId));
  if (release.isPublic && viewer.domainId !== null) {
    throw forbidden(
      viewer,
      `only an ADMIN of all domains retires a public release; the credential is for ${viewer.domainId}`,
    );
  }
  // An ADMIN of all domains may name one, and retires what is public all the same.
  const reach = release.isPublic ? { domainId: null } : scope;
  const retired = await retireRow(internals.db.sql, { id: release.id, scope: reach, actor: viewer.subject });
  if (retired) return releaseFromRow(retired);
  const before = await findReleaseById(internals, scope, release.id);
  if (!before) throw new Error(`${release.id} is gone`);
  return before;
}
