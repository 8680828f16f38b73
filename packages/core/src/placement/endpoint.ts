import { z } from 'zod';
import { domainFor } from '../access/policy.ts';
import type { Viewer } from '../access/viewer.ts';
import type { Core } from '../core.ts';
import { DomainError } from '../errors.ts';
import { type EndpointQuery, type EndpointRow, readEndpoints } from '../sql/readEndpoints.ts';
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
  const query = { domainId, pluginId, version: anyVersion ? null : (version ?? null), labels: labels ?? {} };
  const chosen = nextEndpoint(core, query, await readAvailable(core, query));
  if (chosen) return chosen;
  throw noneActive(query);
}

/** What is asked for, checked. */
export type EndpointWish = Pick<EndpointQuery, 'domainId' | 'pluginId' | 'version' | 'labels'>;

/** The endpoints that may be handed out now (P8), all of one version: the one asked for, or the newest. */
export async function readAvailable(core: Core, wish: EndpointWish): Promise<Endpoint[]> {
  return ofNewestVersion(await readEndpoints(core.db.sql, { ...wish, clockOffsetMs: core.clockOffsetMs() }));
}

/** The one of these whose turn it is (M4); undefined where there is none. */
export function nextEndpoint(
  core: Core,
  { domainId, pluginId }: EndpointWish,
  available: readonly Endpoint[],
): Endpoint | undefined {
  const [first] = available;
  if (!first) return undefined;
  return available[core.endpointTurns.next(JSON.stringify([domainId, pluginId, first.version]), available.length)];
}

/** M3, where nothing was to be placed. */
export function noneActive({ domainId, pluginId, version }: EndpointWish): DomainError {
  const wanted = version === null ? pluginId : `${pluginId} ${version}`;
  return new DomainError('NO_POSSIBLE_SUPERVISOR', `expected an ACTIVE ${wanted} in domain ${domainId}; there is none`);
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

export const endpointSchema = perLimits((limits) => {
  return z.object({
    pluginId: text(limits.pluginIdLength),
    version: text(limits.pluginIdLength).nullish(),
    anyVersion: z.boolean().nullish(),
    labels: jsonObject(limits).nullish(),
  });
});
