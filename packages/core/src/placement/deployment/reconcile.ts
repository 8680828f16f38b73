import type { CoreInternals } from '../../core.ts';
import { inPlacement } from '../place.ts';
import { type DeployedPlugin, playDeployments } from './deploymentRound.ts';
import { findAffected, findAllDeployed, findOnAbsent } from './sql/findAffected.ts';
import { readProgress } from './sql/readProgress.ts';
import { setProgress } from './sql/setProgress.ts';

/** Events that are looked through for what they affect; where there are more, all deployments are looked at. */
const mostEvents = 20_000;
/** Rounds in a row: what one changes may concern others. The next sweep goes on. */
const mostRounds = 10;
/** Transactions in a row for one plugin: more than as many supervisors as a domain may have need. */
const mostTurns = 200;

/**
 * M7: brings every deployment as far as possible now. The log says what has changed since the last time, so that
 * nothing is looked at where nothing happened, and nothing is forgotten when a replica ends. Safe on several replicas at
 * once.
 */
export async function advanceDeployments(core: CoreInternals): Promise<void> {
  await reconcile(core, await findOnAbsent(core.db.sql, core.clockOffsetMs()));
  await followLog(core);
}

/** As `advanceDeployments`, but for supervisors that have been away for too long: no event says so. */
export async function followLog(core: CoreInternals): Promise<void> {
  const { sql } = core.db;
  for (let round = 0; round < mostRounds; round++) {
    const progress = await readProgress(sql, mostEvents);
    if (!progress.hasDeployments || progress.seq === progress.headSeq) return;
    await reconcile(core, progress.isComplete ? await findAffected(sql, progress) : await findAllDeployed(sql));
    await setProgress(sql, progress);
  }
}

/** One plugin that can't go on stops no other. */
async function reconcile(core: CoreInternals, plugins: readonly DeployedPlugin[]): Promise<void> {
  let failure: unknown;
  for (const plugin of plugins) {
    try {
      let hasMore = true;
      for (let turn = 0; hasMore && turn < mostTurns; turn++) {
        hasMore = await inPlacement(core, plugin, (sql) => playDeployments(core, sql, plugin));
      }
    } catch (error) {
      failure ??= error;
    }
  }
  if (failure !== undefined) throw failure;
}
