import { openDatabase } from '@muster/db';
import { publishTogether } from './publishReport.ts';
import { reportOf } from './report.ts';

const reportsAStatement = 100;
/** Nobody's lease ends while others are being measured. */
const leaseMs = 24 * 3_600_000;

/** Brings an empty database to Muster's migrations, and has every supervisor report once. */
export async function seed(url: string, supervisors: number, plugins: number, signal: AbortSignal): Promise<void> {
  const db = await openDatabase({ url });
  try {
    for (let first = 0; first < supervisors; first += reportsAStatement) {
      signal.throwIfAborted();
      const length = Math.min(reportsAStatement, supervisors - first);
      const reports = Array.from({ length }, (_, index) => reportOf(first + index, plugins, false));
      await publishTogether(db.sql, reports, leaseMs);
    }
    // Autovacuum would do so sooner or later, in the middle of somebody's round.
    await db.sql.query('VACUUM ANALYZE');
  } finally {
    await db.close();
  }
}
