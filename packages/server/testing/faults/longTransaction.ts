import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '@muster/core/testing';
import type { Database } from '@muster/db';
import { isDatabaseUnavailable } from '@muster/db';

class RolledBack extends Error {}

/**
 * Transactions in SQL, behind the servers' back, that stay open for 1 to 3 s with rows that others want, one after
 * the other until `over` aborts; returns how many were committed.
 */
export async function holdTransactions(db: Database, random: Random, over: AbortSignal): Promise<number> {
  let committed = 0;
  while (!over.aborted) {
    try {
      await holdOne(db, random);
      committed += 1;
    } catch (error) {
      if (!(error instanceof RolledBack || isDatabaseUnavailable(error))) throw error;
    }
    await delay(random.between(50, 500));
  }
  return committed;
}

async function holdOne(db: Database, random: Random): Promise<void> {
  const salt = String(random.next());
  await db.transaction(async (sql) => {
    await sql.query(
      `UPDATE plugins SET state = CASE state WHEN 'ACTIVE' THEN 'ERROR' ELSE 'ACTIVE' END::plugin_state,
         deadline_at = NULL, actor = 'long transaction'
       WHERE id IN (SELECT id FROM plugins ORDER BY md5(id || $1) LIMIT 4)`,
      [salt],
    );
    await delay(random.between(500, 1_500));
    await sql.query(
      `UPDATE supervisors SET state = CASE state WHEN 'ENABLED' THEN 'DISABLED' ELSE 'ENABLED' END::supervisor_state,
         actor = 'long transaction', reason = NULL
       WHERE id IN (SELECT id FROM supervisors WHERE registered_at IS NOT NULL ORDER BY md5(id || $1) LIMIT 1)`,
      [salt],
    );
    await delay(random.between(500, 1_500));
    if (random.next() < 0.3) throw new RolledBack();
  });
}
