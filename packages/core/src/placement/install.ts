import type { Plugin } from '@muster/db';
import type { Viewer } from '../access/viewer.ts';
import { notFound } from '../base/errors.ts';
import { pluginFromRow } from '../base/rows.ts';
import type { Unchecked } from '../base/unchecked.ts';
import { describe } from '../base/validate.ts';
import { type Core, type CoreInternals, internalsOf } from '../core.ts';
import { refuseRetired } from '../release/refuseRetired.ts';
import { inPlacement, noPossibleSupervisor, place, type WantedPlugin } from './place.ts';
import { type PlacementRequest, parsePlacementRequest } from './placementRequest.ts';
import { findInstalled } from './sql/findInstalled.ts';
import { keepReplacement } from './sql/keepReplacement.ts';

/** A plugin, and whether the operation changed what is wanted of it. */
export interface WantedChange {
  readonly plugin: Plugin;
  /** False where the plugin was as wanted already. */
  readonly changed: boolean;
}

/**
 * P1: installs a plugin on the best supervisor that can take it (M1, M2). A plugin of this version that the domain has
 * already, on a supervisor with such labels, is returned unchanged; an unmanaged plugin becomes managed.
 *
 * @throws DomainError NO_POSSIBLE_SUPERVISOR with the reason for each supervisor (M3); NOT_FOUND for an unknown
 * `supervisorId`; PLUGIN_STATE where the release of the version is retired (C1).
 */
export async function installPlugin(
  core: Core,
  viewer: Viewer,
  request: Unchecked<PlacementRequest>,
): Promise<WantedChange> {
  const wanted = parsePlacementRequest(viewer, 'operate', request, core.settings.limits);
  const { plugin, changed } = await installWanted(internalsOf(core), wanted, viewer.subject);
  return { plugin, changed };
}

/** The result of an install. */
export interface Installed extends WantedChange {
  /** Whether the plugin was not there before, wanted or not. */
  readonly isNew: boolean;
}

/** How to install. */
export interface InstallOptions {
  /** A8: plugins that count towards the quota beside those that are there. Default 0. */
  readonly reserved?: number;
  /** M4: whether a plugin that can't be handed out counts as none. Default false. */
  readonly mustServe?: boolean;
}

/** As `installPlugin`, of a request that has been parsed. */
export async function installWanted(
  core: CoreInternals,
  wanted: WantedPlugin,
  actor: string,
  { reserved = 0, mustServe = false }: InstallOptions = {},
): Promise<Installed> {
  return inPlacement(core, wanted, async (sql) => {
    const row = await findInstalled(sql, { ...wanted, mustServe, clockOffsetMs: core.clockOffsetMs() });
    const installed = row && pluginFromRow(row);
    if (installed?.managed) {
      // A plugin that is asked for on this very supervisor must survive an aborted relocation to it.
      const isKept = wanted.supervisorId !== null && (await keepReplacement(sql, installed.id, wanted.domainId));
      return { plugin: installed, changed: isKept, isNew: false };
    }
    await refuseRetired(sql, wanted);
    const target = { ...wanted, supervisorId: installed?.supervisorId ?? wanted.supervisorId };
    const result = await place(core, sql, target, {
      actor,
      reason: null,
      replacesId: null,
      pinned: wanted.supervisorId !== null,
      reserved,
    });
    if ('plugin' in result) return { ...result, changed: true };
    if (wanted.supervisorId !== null && result.considered.length === 0) {
      throw notFound('supervisor', describe(wanted.supervisorId));
    }
    throw noPossibleSupervisor(core, wanted, result.considered);
  });
}
