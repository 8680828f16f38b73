import { openDatabase } from '@muster/db';
import { publishTogether } from './publishReport.ts';
import { createReport } from './report.ts';

const reportsAStatement = 100;
/** Longer than any bench, so that no lease expires meanwhile. */
const leaseMs = 24 * 3_600_000;

/** Migrates an empty database and stores one report of every supervisor. */
export async function seed(url: string, supervisors: number, plugins: number, signal: AbortSignal): Promise<void> {
  const db = await openDatabase({ url });
  try {
    for (let first = 0; first < supervisors; first += reportsAStatement) {
      signal.throwIfAborted();
      const length = Math.min(reportsAStatement, supervisors - first);
      const reports = Array.from({ length }, (_, index) => createReport(first + index, plugins, false));
      await publishTogether(db.sql, reports, leaseMs);
    }
    // Otherwise autovacuum would do so at any time, in the middle of a measurement.
    await db.sql.query('VACUUM ANALYZE');
  } finally {
    await db.close();
  }
}
