import type { Plugin } from '@muster/db';
import type { Viewer } from '../../access/viewer.ts';
import { pluginFromRow } from '../../base/rows.ts';
import { type Core, internalsOf } from '../../core.ts';
import { everything } from '../../query/condition.ts';
import type { PageArguments } from '../../query/keyset.ts';
import { listPagesOf, type PageOfMany } from '../../query/page.ts';
import { pluginScope } from '../../supervisor/read.ts';
import { type DrainLeftReason, readDrainItems as readItemRows } from './sql/readDrainItems.ts';

export type { DrainLeftReason };

/** Why a plugin is still on a drained supervisor, and what replaces it (D1). */
export interface DrainItem {
  /** The plugin that replaces it once that is ACTIVE; null where there is none. */
  readonly replacement: Plugin | null;
  readonly reason: DrainLeftReason;
}

/** The same page of the plugins of the viewer's domain that are left on each of many drained supervisors. */
export function listLeftOn(
  core: Core,
  viewer: Viewer,
  supervisorIds: readonly string[],
  page: PageArguments,
): Promise<Map<string, PageOfMany<Plugin>>> {
  const request = {
    db: internalsOf(core).db,
    limits: core.settings.limits,
    entity: 'leftPlugin',
    scope: pluginScope(viewer),
    where: everything,
    orderBy: [
      { field: 'pluginId', direction: 'ASC' },
      { field: 'version', direction: 'ASC' },
    ],
    page,
    model: pluginFromRow,
  } as const;
  return listPagesOf(request, 'supervisor_id', supervisorIds);
}

/** By id, why plugins that the viewer sees are left, in one query; those that are gone by now are left out. */
export async function readDrainItems(
  core: Core,
  pluginInstanceIds: readonly string[],
): Promise<Map<string, DrainItem>> {
  const rows = await readItemRows(internalsOf(core).db.sql, pluginInstanceIds);
  return new Map(
    rows.map(({ id, replacement, reason }) => [id, { reason, replacement: replacement && pluginFromRow(replacement) }]),
  );
}
