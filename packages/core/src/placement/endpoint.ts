import { z } from 'zod';
import { domainFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Core } from '../core.ts';
import { DomainError } from '../errors.ts';
import { type EndpointRow, readEndpoints } from '../sql/readEndpoints.ts';
import { type JsonObject, jsonObject, parse, perLimits, text } from '../validate.ts';

export interface AcquireEndpointInput {
  domainId?: string | null | undefined;
  pluginId: string;
  /** The newest that is ACTIVE by default. */
  version?: string | null | undefined;
  /** Whether the newest version that is ACTIVE will do in place of `version`. Default false. */
  anyVersion?: boolean | null | undefined;
  /** What the supervisor's labels must contain. */
  labels?: JsonObject | null | undefined;
}

export interface Endpoint {
  endpoint: string;
  /** Of the plugin that answers there. */
  version: string;
}

/**
 * Where a plugin answers: an ACTIVE instance of the viewer's domain, round robin over all endpoints (P8, M4).
 *
 * @throws DomainError NO_POSSIBLE_SUPERVISOR where none is ACTIVE.
 */
export async function acquireEndpoint(core: Core, viewer: Viewer, input: AcquireEndpointInput): Promise<Endpoint> {
  const domainId = domainFor(viewer, 'read', input.domainId);
  const { pluginId, version, anyVersion, labels } = parse(endpointSchema(core.settings.limits), input);
  const found = await readEndpoints(core.db.sql, {
    domainId,
    pluginId,
    version: anyVersion ? null : (version ?? null),
    labels: labels ?? {},
    clockOffsetMs: core.clockOffsetMs(),
  });
  const newest = ofNewestVersion(found);
  if (newest.length > 0) {
    const turn = core.endpointTurns.next(JSON.stringify([domainId, pluginId, newest[0]?.version]), newest.length);
    const chosen = newest[turn];
    if (chosen) return chosen;
  }
  const wanted = version == null || anyVersion ? pluginId : `${pluginId} ${version}`;
  throw new DomainError('NO_POSSIBLE_SUPERVISOR', `expected an ACTIVE ${wanted} in domain ${domainId}; there is none`);
}

/** Digits in versions are compared as numbers: 1.10 is newer than 1.9. */
function ofNewestVersion(found: readonly EndpointRow[]): EndpointRow[] {
  const order = new Intl.Collator('en', { numeric: true });
  const [first, ...others] = found;
  if (!first) return [];
  const newest = others.reduce(
    (best, { version }) => (order.compare(version, best) > 0 ? version : best),
    first.version,
  );
  return found.filter(({ version }) => version === newest);
}

const endpointSchema = perLimits((limits) => {
  return z.object({
    pluginId: text(limits.pluginIdLength),
    version: text(limits.pluginIdLength).nullish(),
    anyVersion: z.boolean().nullish(),
    labels: jsonObject(limits).nullish(),
  });
});
