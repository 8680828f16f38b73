import type { Viewer } from '../access/viewer.ts';
import { type Core, internalsOf } from '../core.ts';
import { type PlacementRequest, parsePlacementRequest } from './placementRequest.ts';
import { type ConsideredSupervisor, rank } from './rank.ts';
import { readCandidates } from './sql/readCandidates.ts';

/**
 * Each supervisor that an install would consider, in the order in which it would, by the very rules that decide (M1 to
 * M3). Nothing is changed; where chance decides between equals, an install may choose another of them.
 */
export async function explainPlacement(
  core: Core,
  viewer: Viewer,
  input: PlacementRequest,
): Promise<ConsideredSupervisor[]> {
  const internals = internalsOf(core);
  const wish = parsePlacementRequest(internals, viewer, 'read', input);
  return rank(wish.domainId, await readCandidates(internals.db.sql, wish), internals.random);
}
