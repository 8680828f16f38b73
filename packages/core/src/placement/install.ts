import type { Plugin } from '@muster/db';
import type { Viewer } from '../access/viewer.ts';
import { notFound } from '../base/errors.ts';
import { pluginFromRow } from '../base/rows.ts';
import { describe } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { inPlacement, noPossibleSupervisor, place, type WantedPlugin } from './place.ts';
import { type PlacementRequest, parsePlacementRequest } from './placementRequest.ts';
import { findInstalled } from './sql/findInstalled.ts';
import { keepReplacement } from './sql/keepReplacement.ts';

export interface WantedChange {
  readonly plugin: Plugin;
  /** Whether anything was changed: false where it was there already. */
  readonly changed: boolean;
}

/**
 * P1: wishes for a plugin on the best supervisor that can take it (M1, M2). Where the domain has this version already
 * on a supervisor with such labels, that is returned unchanged; one that a supervisor runs on its own is taken over.
 *
 * @throws DomainError NO_POSSIBLE_SUPERVISOR with why for each supervisor (M3); NOT_FOUND for an unknown `supervisorId`.
 */
export async function installPlugin(core: Core, viewer: Viewer, input: PlacementRequest): Promise<WantedChange> {
  const internals = internalsOf(core);
  return installWanted(internals, parsePlacementRequest(internals, viewer, 'operate', input), viewer.subject);
}

/** As `installPlugin`, of what was checked. */
export async function installWanted(core: CoreInternals, wish: WantedPlugin, actor: string): Promise<WantedChange> {
  return inPlacement(core, wish, async (sql) => {
    const row = await findInstalled(sql, wish);
    const there = row && pluginFromRow(row);
    if (there?.managed) {
      // What is wanted on this very supervisor must not go when a move that brought it there is abandoned.
      const isKept = wish.supervisorId !== null && (await keepReplacement(sql, there.id, wish.domainId));
      return { plugin: there, changed: isKept };
    }
    const target = { ...wish, supervisorId: there?.supervisorId ?? wish.supervisorId };
    const placed = await place(core, sql, target, { actor, reason: null, replacesId: null });
    if ('plugin' in placed) return { plugin: placed.plugin, changed: true };
    if (wish.supervisorId !== null && placed.considered.length === 0) {
      throw notFound('supervisor', describe(wish.supervisorId));
    }
    throw noPossibleSupervisor(core, wish, placed.considered);
  });
}
