import { systemSubject } from '../../access/viewer.ts';
import type { CoreInternals } from '../../core.ts';
import { inPlacement, place } from '../place.ts';
import { endDrains } from './sql/endDrains.ts';
import { finishRelocations } from './sql/finishRelocations.ts';
import { type RelocatablePlugin, type RelocationQuery, readRelocatable } from './sql/readRelocatable.ts';
import { restartRelocations } from './sql/restartRelocations.ts';

const pageSize = 200;

/**
 * Takes every move as far as it can go now: of plugins on supervisors that are being drained, or have been DISCONNECTED
 * for too long (`replaceAfterSeconds`). What has been replaced is withdrawn, what has no place yet gets one where
 * anybody can take it, and drains that are done or out of time end. Safe in several places at once.
 *
 * @param supervisorId the only one to move plugins from; by default all
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

/** Where nobody can take it, it stays, and the next round tries again. */
async function relocate(core: CoreInternals, { id, ...wanted }: RelocatablePlugin): Promise<void> {
  await inPlacement(core, wanted, async (sql) => {
    // Another replica may have moved it, or an operator withdrawn it, since it was listed.
    const [still] = await readRelocatable(sql, { ...relocationQuery(core), id });
    if (!still) return;
    await place(
      core,
      sql,
      { ...wanted, supervisorId: null },
      { actor: systemSubject, reason: still.reason, replacesId: id },
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
