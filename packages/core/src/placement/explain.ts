import type { Viewer } from '../access/viewer.ts';
import { type Core, internalsOf } from '../core.ts';
import { type Considered, rank } from './rank.ts';
import { readCandidates } from './sql/readCandidates.ts';
import { type PlacementInput, wishOf } from './wish.ts';

/**
 * Each supervisor that an install would consider, in the order in which it would, by the very rules that decide (M1 to
 * M3). Nothing is changed; where chance decides between equals, an install may choose another of them.
 */
export async function explainPlacement(core: Core, viewer: Viewer, input: PlacementInput): Promise<Considered[]> {
  const internals = internalsOf(core);
  const wish = wishOf(internals, viewer, 'read', input);
  return rank(wish.domainId, await readCandidates(internals.db.sql, wish), internals.random);
}
