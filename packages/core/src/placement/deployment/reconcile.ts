import type { CoreInternals } from '../../core.ts';
import { inPlacement } from '../place.ts';
import { type DeployedPlugin, playDeployments } from './deploymentRound.ts';
import { findAffected, findAllDeployed, findOnAbsent } from './sql/findAffected.ts';
import { findFailed, markFailed } from './sql/markFailed.ts';
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
  const { sql } = core.db;
  await reconcile(core, await findFailed(sql));
  await reconcile(core, await findOnAbsent(sql, core.clockOffsetMs()));
  await followLog(core);
}

/**
 * As `advanceDeployments`, but for supervisors that have been away for too long, and for what failed: no event says so.
 *
 * @returns whether there are any deployments
 */
export async function followLog(core: CoreInternals): Promise<boolean> {
  const { sql } = core.db;
  for (let round = 0; round < mostRounds; round++) {
    const progress = await readProgress(sql, mostEvents);
    if (!progress.hasDeployments) return false;
    if (progress.seq === progress.headSeq) return true;
    await reconcile(core, progress.isComplete ? await findAffected(sql, progress) : await findAllDeployed(sql));
    await setProgress(sql, progress);
  }
  return true;
}

/**
 * Brings plugins as far as possible, domain by domain in turn, one transaction a turn: no tenant waits for all that
 * another one has (W4), nor for what fails there.
 */
async function reconcile(core: CoreInternals, plugins: readonly DeployedPlugin[]): Promise<void> {
  const byDomain = Map.groupBy(plugins, ({ domainId }) => domainId);
  let queues = [...byDomain.values()].map((found) => found.map((plugin) => ({ plugin, turns: 1 })));
  while (queues.length > 0) {
    for (const queue of queues) {
      const next = queue.shift();
      if (!next) continue;
      const hasMore = await playTurn(core, next.plugin);
      if (hasMore && next.turns < mostTurns) queue.push({ ...next, turns: next.turns + 1 });
    }
    queues = queues.filter((queue) => queue.length > 0);
  }
}

/** One transaction for a plugin. A failure is kept as the condition ROUND_FAILED, so that each sweep tries again. */
async function playTurn(core: CoreInternals, plugin: DeployedPlugin): Promise<boolean> {
  try {
    return await inPlacement(core, plugin, (sql) => playDeployments(core, sql, plugin));
  } catch (error) {
    core.onWarning(`the deployments of ${plugin.pluginId} in ${plugin.domainId} could not go on`, error);
    await markFailed(core.db.sql, plugin, core.clockOffsetMs());
    return false;
  }
}
