import type { Viewer } from '../access/viewer.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { type Core, internalsOf } from '../core.ts';
import { type PlacementRequest, parsePlacementRequest } from './placementRequest.ts';
import { type ConsideredSupervisor, rank } from './rank.ts';
import { readCandidates } from './sql/readCandidates.ts';

/**
 * The supervisors that an install would consider, in its order and by its rules (M1 to M3). Nothing is changed. Equal
 * supervisors are ordered at random, so an install may choose another of them.
 */
export async function explainPlacement(
  core: Core,
  viewer: Viewer,
  request: Unchecked<PlacementRequest>,
): Promise<ConsideredSupervisor[]> {
  const internals = internalsOf(core);
  const wanted = parsePlacementRequest(viewer, 'read', request, core.settings.limits);
  return rank(wanted.domainId, await readCandidates(internals.db.sql, wanted), internals.random);
}
