import { z } from 'zod';
import type { DomainInput } from '../access/domainInput.ts';
import { can, domainFor, scopeFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import { badUserInput, DomainError, forbidden } from '../base/errors.ts';
import { newReleaseId } from '../base/ids.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { describe, parse, perLimits, text } from '../base/validate.ts';
import { type Core, internalsOf } from '../core.ts';
import { type ReleaseInfo, releaseFromRow } from './releaseInfo.ts';
import type { ReleaseSpec } from './releaseSpec.ts';
import { specDifferences } from './specDifferences.ts';
import { specSchema } from './specSchema.ts';
import { findPublished } from './sql/findPublished.ts';
import { insertRelease } from './sql/insertRelease.ts';

/** The release to publish. */
export type PublishReleaseInput = DomainInput & z.input<ReturnType<typeof publishSchema>>;

const publishSchema = perLimits((limits) =>
  z.object({
    /** Whether it is for all domains. Default false: for one. */
    isPublic: z.boolean().nullish(),
    pluginId: text(limits.pluginIdLength),
    version: text(limits.pluginIdLength),
    spec: specSchema(limits),
  }),
);

/** The most differences that a refusal names. */
const named = 5;

/**
 * C1: publishes a version of a plugin, once and for good. The same spec again is the same release, also once that was
 * retired: it stays so.
 *
 * @throws DomainError PLUGIN_STATE where another spec was published of this version; BAD_USER_INPUT for a malformed field;
 * FORBIDDEN for a public release by anybody but an ADMIN of all domains; LIMIT past the quota (A8)
 */
export async function publishRelease(
  core: Core,
  viewer: Viewer,
  input: Unchecked<PublishReleaseInput>,
): Promise<ReleaseInfo> {
  const domainId =
    input.isPublic === true ? publicDomain(viewer, input.domainId) : domainFor(viewer, 'operate', input.domainId);
  const { pluginId, version, spec } = parse(publishSchema(core.settings.limits), input);
  const { db } = internalsOf(core);
  const { releases: quota } = core.settings.quotas;
  const identity = { domainId, pluginId, version };
  const published = await findPublished(db.sql, identity);
  if (published) return requireSame(releaseFromRow(published), spec);
  const release = { ...identity, id: newReleaseId(), spec, actor: viewer.subject };
  const inserted = await insertRelease(db.sql, release, quota);
  if (inserted === 'OVER_QUOTA') throw overQuota(domainId, quota);
  if (inserted !== 'EXISTS') return releaseFromRow(inserted);
  const other = await findPublished(db.sql, identity);
  if (!other) throw new Error(`the release of ${pluginId} ${version} is gone`);
  return requireSame(releaseFromRow(other), spec);
}

/** A public release is no domain's. @throws DomainError FORBIDDEN unless the viewer is an ADMIN of all domains */
function publicDomain(viewer: Viewer, domainId: unknown): null {
  scopeFor(viewer, 'operate', domainId);
  if (!can(viewer, 'administer') || viewer.domainId !== null) {
    const of = viewer.domainId === null ? '' : ` of ${viewer.domainId}`;
    throw forbidden(viewer, `only an ADMIN of all domains publishes for all; the role is ${viewer.role}${of}`);
  }
  if (domainId != null) {
    throw badUserInput(['domainId'], `expected none for a public release; got ${describe(domainId)}`);
  }
  return null;
}

function requireSame(published: ReleaseInfo, spec: ReleaseSpec): ReleaseInfo {
  const differing = specDifferences(published.spec, spec);
  if (differing.length === 0) return published;
  const { id, pluginId, version } = published;
  const shown = differing.slice(0, named).map(({ path, published: was, came }) => `${path} was ${was}, got ${came}`);
  const further = differing.length > named ? `; and ${differing.length - named} more` : '';
  throw new DomainError(
    'PLUGIN_STATE',
    `${pluginId} ${version} was published as ${id}, which never changes; expected the same spec, or another version: ${shown.join('; ')}${further}`,
    { releaseId: id, differing: differing.map(({ path }) => path) },
  );
}

function overQuota(domainId: string | null, limit: number): DomainError {
  const place = domainId === null ? 'for all domains' : `in domain ${domainId}`;
  return new DomainError('LIMIT', `expected at most ${limit} releases that are not retired ${place}`, {
    quota: 'releases',
    limit,
  });
}
