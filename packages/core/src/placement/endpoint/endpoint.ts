import { DomainError } from '../../base/errors.ts';
import { compareVersions } from '../../base/versionOrder.ts';
import type { CoreInternals } from '../../core.ts';
import { type EndpointQuery, readEndpoints } from './sql/readEndpoints.ts';
import type { Endpoint } from './waits.ts';

/** The endpoint of a plugin, as it is asked for once the input has been parsed. */
export type WantedEndpoint = Pick<EndpointQuery, 'domainId' | 'pluginId' | 'version' | 'labels' | 'allowPublic'>;

/**
 * The endpoints that may be handed out now (P8), all of one version: the wanted version, or the newest. R8: while a
 * rollout replaces or installs the newest, those of both of its versions.
 */
export async function readAvailable(core: CoreInternals, wanted: WantedEndpoint): Promise<Endpoint[]> {
  const found = await readEndpoints(core.db.sql, { ...wanted, clockOffsetMs: core.clockOffsetMs() });
  const newest = newestOnly(found);
  const available =
    wanted.version === null && newest[0]?.isRolling ? found.filter(({ isRolling }) => isRolling) : newest;
  return available.map(({ endpoint, version }) => ({ endpoint, version }));
}

/** The endpoint whose turn it is (M4); undefined where none is available. */
export function nextEndpoint(
  core: CoreInternals,
  { domainId, pluginId }: WantedEndpoint,
  available: readonly Endpoint[],
): Endpoint | undefined {
  const [first] = available;
  if (!first) return undefined;
  return available[core.endpointRoundRobin.next(JSON.stringify([domainId, pluginId, first.version]), available.length)];
}

/** M3: the refusal where no instance can be handed out, and none is installed for the reason given. */
export function noneToHandOut({ domainId, pluginId, version, labels }: WantedEndpoint, whyNone: string): DomainError {
  const asked = version === null ? pluginId : `${pluginId} ${version}`;
  const place = Object.keys(labels).length > 0 ? 'a supervisor with the labels asked for' : 'a supervisor';
  return new DomainError(
    'NO_POSSIBLE_SUPERVISOR',
    `expected ${asked} in domain ${domainId}, ACTIVE with an endpoint, on ${place} that may serve it; there is none, and ${whyNone}`,
  );
}

/** M5: the items of the newest version. */
export function newestOnly<Versioned extends { version: string }>(found: readonly Versioned[]): Versioned[] {
  const [first, ...others] = found;
  if (!first) return [];
  const newest = others.reduce(
    (best, { version }) => (compareVersions(version, best) > 0 ? version : best),
    first.version,
  );
  return found.filter(({ version }) => version === newest);
}
