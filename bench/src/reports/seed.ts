import { type OpenDatabaseOptions, openDatabase } from '@muster/db';
import { publishTogether } from './publishReport.ts';
import { createReport, type Report } from './report.ts';

const reportsAStatement = 100;
/** Longer than any bench, so that no lease expires meanwhile. */
const leaseMs = 24 * 3_600_000;

/** Migrates an empty database and stores one report of every supervisor. */
export function seed(url: string, supervisors: number, plugins: number, signal: AbortSignal): Promise<void> {
  return store({ url }, createReports(supervisors, plugins), signal);
}

/** Makes an embedded database in a folder and stores one report of every supervisor. */
export function seedFolder(folder: string, supervisors: number, plugins: number, signal: AbortSignal): Promise<void> {
  return store({ dataDir: folder }, createReports(supervisors, plugins), signal);
}

/** Migrates an empty database and stores reports of different supervisors. */
export function seedReports(url: string, reports: readonly Report[], signal: AbortSignal): Promise<void> {
  return store({ url }, reports, signal);
}

function createReports(supervisors: number, plugins: number): Report[] {
  return Array.from({ length: supervisors }, (_, index) => createReport(index, plugins, false));
}

async function store(
  database: Pick<OpenDatabaseOptions, 'url' | 'dataDir'>,
  reports: readonly Report[],
  signal: AbortSignal,
): Promise<void> {
  const db = await openDatabase(database);
  try {
    for (let first = 0; first < reports.length; first += reportsAStatement) {
      signal.throwIfAborted();
      await publishTogether(db.sql, reports.slice(first, first + reportsAStatement), leaseMs);
    }
    // Otherwise autovacuum would do so at any time, in the middle of a measurement.
    await db.sql.query('VACUUM ANALYZE');
  } finally {
    await db.close();
  }
}
