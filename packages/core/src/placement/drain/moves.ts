import { systemSubject } from '../../access/viewer.ts';
import type { CoreInternals } from '../../core.ts';
import { inPlacement, place } from '../place.ts';
import { endDrains } from './sql/endDrains.ts';
import { finishMoves } from './sql/finishMoves.ts';
import { type Mover, type MoverQuery, readMovers } from './sql/readMovers.ts';
import { restartMoves } from './sql/restartMoves.ts';

const pageSize = 200;

/**
 * Takes every move as far as it can go now: of plugins on supervisors that are being drained, or have been DISCONNECTED
 * for too long (`replaceAfterSeconds`). What has been replaced is withdrawn, what has no place yet gets one where
 * anybody can take it, and drains that are done or out of time end. Safe in several places at once.
 *
 * @param supervisorId the only one to move plugins from; by default all
 */
export async function advanceMoves(core: CoreInternals, supervisorId: string | null = null): Promise<void> {
  const { sql } = core.db;
  await finishMoves(sql);
  await restartMoves(sql);
  for (let afterId = ''; ; ) {
    const movers = await readMovers(sql, { ...queryOf(core), supervisorId, afterId });
    for (const mover of movers) await move(core, mover);
    const last = movers.at(-1);
    if (!last || movers.length < pageSize) break;
    afterId = last.id;
  }
  await endDrains(sql, core.clockOffsetMs());
}

/** Where nobody can take it, it stays, and the next round tries again. */
async function move(core: CoreInternals, { id, ...wish }: Mover): Promise<void> {
  await inPlacement(core, wish, async (sql) => {
    // Another replica may have moved it, or an operator withdrawn it, since it was listed.
    const [still] = await readMovers(sql, { ...queryOf(core), id });
    if (!still) return;
    await place(
      core,
      sql,
      { ...wish, supervisorId: null },
      { actor: systemSubject, reason: still.reason, replacesId: id },
    );
  });
}

function queryOf(core: CoreInternals): MoverQuery {
  return {
    supervisorId: null,
    id: null,
    afterId: '',
    replaceAfterMs: core.settings.replaceAfterSeconds * 1000,
    clockOffsetMs: core.clockOffsetMs(),
    limit: pageSize,
  };
}
