import type { Viewer } from '../access/viewer.ts';
import type { UncheckedExcept } from '../base/unchecked.ts';
import { type Core, internalsOf } from '../core.ts';
import type { PageArguments } from '../query/keyset.ts';
import type { Page } from '../query/page.ts';
import { type SortKey, sortedPage } from '../query/sortedPage.ts';
import { refuseRetiredNow } from '../release/refuseRetired.ts';
import { type PlacementRequest, parsePlacementRequest } from './placementRequest.ts';
import { type ConsideredSupervisor, rank } from './rank.ts';
import { readCandidates } from './sql/readCandidates.ts';

/**
 * A page of the supervisors that an install would consider, in its order and by its rules (M1 to M3). Nothing is changed.
 * Equal supervisors are ordered by id, while an install chooses among them at random.
 *
 * @throws DomainError PLUGIN_STATE where the release of the version is retired (C1)
 */
export async function explainPlacement(
  core: Core,
  viewer: Viewer,
  request: UncheckedExcept<PlacementRequest & PageArguments, keyof PageArguments>,
): Promise<Page<ConsideredSupervisor>> {
  const { limits } = core.settings;
  const wanted = parsePlacementRequest(viewer, 'read', request, limits);
  const { sql } = internalsOf(core).db;
  await refuseRetiredNow(sql, wanted);
  const candidates = await readCandidates(sql, wanted);
  const considered = rank(wanted.domainId, candidates, () => 0);
  return sortedPage(considered, (each) => placeOf(wanted.domainId, each), request, limits);
}

/** The place of a supervisor in the order, which it keeps while others come and go. */
function placeOf(domainId: string, { candidate, rejectedBy }: ConsideredSupervisor): SortKey {
  if (rejectedBy !== null) return [1, candidate.id];
  return [0, Number(candidate.domainId !== domainId), -candidate.priority, candidate.pluginCount, candidate.id];
}
