import type { Sql } from '@muster/db';
import { systemSubject } from '../../access/viewer.ts';
import type { CoreInternals } from '../../core.ts';
import { inPlacement, place, type WantedPlugin } from '../place.ts';
import { rank } from '../rank.ts';
import { readCandidates } from '../sql/readCandidates.ts';
import { beginQueuedDrains } from './sql/beginQueuedDrains.ts';
import { endDrains } from './sql/endDrains.ts';
import { failReplacement } from './sql/failReplacement.ts';
import { finishRelocations } from './sql/finishRelocations.ts';
import { type FailedReplacement, readFailedReplacements } from './sql/readFailedReplacements.ts';
import { type RelocatablePlugin, type RelocationQuery, readRelocatable } from './sql/readRelocatable.ts';
import { restartRelocations } from './sql/restartRelocations.ts';

/** Plugins that are listed by one query. */
const pageSize = 200;

/**
 * Advances every relocation as far as possible now: withdraws plugins whose replacement is served, places replacements
 * for the plugins that may be relocated (readRelocatable.ts), tries others where one failed, and begins and ends drains.
 * Safe on several replicas at once.
 *
 * @param supervisorId the only supervisor to relocate plugins from; by default all
 */
export async function advanceRelocations(core: CoreInternals, supervisorId: string | null = null): Promise<void> {
  const { sql } = core.db;
  // A drain that has ended makes room for one that waits for its turn.
  for (let hasRoom = true; hasRoom; ) {
    await beginQueuedDrains(sql, core.clockOffsetMs());
    await finishRelocations(sql);
    await restartRelocations(sql);
    const from = { ...relocationQuery(core), supervisorId };
    await forEachPage(
      from,
      (query) => readFailedReplacements(sql, query),
      (plugin) => placeElsewhere(core, plugin),
    );
    await forEachPage(
      from,
      (query) => readRelocatable(sql, query),
      (plugin) => relocate(core, plugin),
    );
    hasRoom = (await endDrains(sql, core.clockOffsetMs())).length > 0;
  }
}

async function forEachPage<Row extends RelocatablePlugin>(
  query: RelocationQuery,
  read: (query: RelocationQuery) => Promise<Row[]>,
  handle: (row: Row) => Promise<void>,
): Promise<void> {
  for (let afterId = ''; ; ) {
    const rows = await read({ ...query, afterId });
    for (const row of rows) await handle(row);
    const last = rows.at(-1);
    if (!last || rows.length < pageSize) return;
    afterId = last.id;
  }
}

/** Places a replacement. Where no supervisor can take it, the plugin stays, and the next round tries again. */
async function relocate(core: CoreInternals, { id, domainId, pluginId }: RelocatablePlugin): Promise<void> {
  await inPlacement(core, { domainId, pluginId }, async (sql) => {
    // Another replica may have relocated it, or an operator withdrawn it, since it was listed.
    const [current] = await readRelocatable(sql, { ...relocationQuery(core), id });
    if (current) await placeReplacement(core, sql, current, current.failedSupervisorIds);
  });
}

/**
 * D3: places the replacement of a plugin on another supervisor, where one is left on which none failed. Otherwise the
 * one that failed is attempted again by itself (P5), and, once its attempts are used up, the supervisors take turns.
 */
async function placeElsewhere(core: CoreInternals, { id, domainId, pluginId }: FailedReplacement): Promise<void> {
  await inPlacement(core, { domainId, pluginId }, async (sql) => {
    const [current] = await readFailedReplacements(sql, { ...relocationQuery(core), id });
    if (!current) return;
    const { replacementId, replacementSupervisorId, isAttemptedAgain } = current;
    const earlier = current.failedSupervisorIds.filter((failed) => failed !== replacementSupervisorId);
    const failedSupervisorIds = [...earlier, replacementSupervisorId];
    const candidates = await readCandidates(sql, anywhere(current));
    const [best] = rank(current.domainId, candidates, core.random, failedSupervisorIds);
    if (!best || best.rank === null) return;
    if (isAttemptedAgain && failedSupervisorIds.includes(best.candidate.id)) return;
    await failReplacement(sql, { id, replacementId, failedSupervisorIds });
    await placeReplacement(core, sql, current, failedSupervisorIds);
  });
}

async function placeReplacement(
  core: CoreInternals,
  sql: Sql,
  plugin: RelocatablePlugin,
  failedSupervisorIds: readonly string[],
): Promise<void> {
  const { id, reason } = plugin;
  await place(core, sql, anywhere(plugin), { actor: systemSubject, reason, replacesId: id, failedSupervisorIds });
}

function anywhere({ domainId, pluginId, version, labels, allowPublic }: RelocatablePlugin): WantedPlugin {
  return { domainId, pluginId, version, labels, allowPublic, supervisorId: null };
}

function relocationQuery(core: CoreInternals): RelocationQuery {
  return {
    supervisorId: null,
    id: null,
    afterId: '',
    replaceAfterMs: core.settings.replaceAfterSeconds * 1000,
    clockOffsetMs: core.clockOffsetMs(),
    limit: pageSize,
  };
}
