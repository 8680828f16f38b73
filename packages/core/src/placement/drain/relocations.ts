import { systemSubject } from '../../access/viewer.ts';
import type { CoreInternals } from '../../core.ts';
import { inPlacement, place } from '../place.ts';
import { endDrains } from './sql/endDrains.ts';
import { finishRelocations } from './sql/finishRelocations.ts';
import { type RelocatablePlugin, type RelocationQuery, readRelocatable } from './sql/readRelocatable.ts';
import { restartRelocations } from './sql/restartRelocations.ts';

/** Plugins that are listed by one query. */
const pageSize = 200;

/**
 * Advances every relocation as far as possible now: withdraws plugins whose replacement is served, places replacements
 * for the plugins that may be relocated (readRelocatable.ts), and ends drains. Safe on several replicas at once.
 *
 * @param supervisorId the only supervisor to relocate plugins from; by default all
 */
export async function advanceRelocations(core: CoreInternals, supervisorId: string | null = null): Promise<void> {
  const { sql } = core.db;
  await finishRelocations(sql);
  await restartRelocations(sql);
  for (let afterId = ''; ; ) {
    const relocatable = await readRelocatable(sql, { ...relocationQuery(core), supervisorId, afterId });
    for (const plugin of relocatable) await relocate(core, plugin);
    const last = relocatable.at(-1);
    if (!last || relocatable.length < pageSize) break;
    afterId = last.id;
  }
  await endDrains(sql, core.clockOffsetMs());
}

/** Places a replacement. Where no supervisor can take it, the plugin stays, and the next round tries again. */
async function relocate(core: CoreInternals, { id, ...wanted }: RelocatablePlugin): Promise<void> {
  await inPlacement(core, wanted, async (sql) => {
    // Another replica may have relocated it, or an operator withdrawn it, since it was listed.
    const [current] = await readRelocatable(sql, { ...relocationQuery(core), id });
    if (!current) return;
    await place(
      core,
      sql,
      { ...wanted, supervisorId: null },
      { actor: systemSubject, reason: current.reason, replacesId: id },
    );
  });
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
