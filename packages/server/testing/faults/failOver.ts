import type { TestCluster } from '@muster/db/testing/cluster';
import type { SilentProxy } from '@muster/db/testing/silentProxy';
import { expect } from 'vitest';

/**
 * Has a standby follow the primary, which waits for it at each commit; then the primary dies, and the standby takes its
 * place. No commit is lost.
 *
 * @returns the new primary
 */
export async function failOver(primary: TestCluster, proxies: readonly SilentProxy[]): Promise<TestCluster> {
  const standby = await primary.startStandby();
  await primary.query(`ALTER SYSTEM SET synchronous_standby_names = '*'`);
  await primary.query('SELECT pg_reload_conf()');
  const synchronous = `SELECT FROM pg_stat_replication WHERE sync_state = 'sync'`;
  await expect.poll(() => primary.query(synchronous), { timeout: 30_000 }).toHaveLength(1);
  // Waited for, and so is all that was committed before it.
  await primary.query(`SELECT pg_logical_emit_message(true, 'test', 'the last commit that may be behind')`);
  await primary.kill();
  await standby.promote();
  for (const proxy of proxies) proxy.redirect(standby);
  await primary.remove();
  return standby;
}
