import { z } from 'zod';
import { DomainError } from '../../base/errors.ts';
import { type JsonObject, jsonObject, perLimits, text } from '../../base/validate.ts';
import type { CoreInternals } from '../../core.ts';
import { type EndpointQuery, readEndpoints } from './sql/readEndpoints.ts';
import type { Endpoint } from './waits.ts';

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

/** What is asked for, checked. */
export type WantedEndpoint = Pick<EndpointQuery, 'domainId' | 'pluginId' | 'version' | 'labels'>;

/** The endpoints that may be handed out now (P8), all of one version: the one asked for, or the newest. */
export async function readAvailable(core: CoreInternals, wish: WantedEndpoint): Promise<Endpoint[]> {
  return ofNewestVersion(await readEndpoints(core.db.sql, { ...wish, clockOffsetMs: core.clockOffsetMs() }));
}

/** The one of these whose turn it is (M4); undefined where there is none. */
export function nextEndpoint(
  core: CoreInternals,
  { domainId, pluginId }: WantedEndpoint,
  available: readonly Endpoint[],
): Endpoint | undefined {
  const [first] = available;
  if (!first) return undefined;
  return available[core.endpointRoundRobin.next(JSON.stringify([domainId, pluginId, first.version]), available.length)];
}

/** M3, where nothing was to be placed. */
export function noneActive({ domainId, pluginId, version }: WantedEndpoint): DomainError {
  const wanted = version === null ? pluginId : `${pluginId} ${version}`;
  return new DomainError('NO_POSSIBLE_SUPERVISOR', `expected an ACTIVE ${wanted} in domain ${domainId}; there is none`);
}

/** Those of the newest version. Digits in versions are compared as numbers: 1.10 is newer than 1.9. */
export function ofNewestVersion<Versioned extends { version: string }>(found: readonly Versioned[]): Versioned[] {
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
