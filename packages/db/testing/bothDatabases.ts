/**
 * The tests that run on both databases each time, with the reason; all others run on one, and on both only where
 * MUSTER_TEST_EVERYTHING=1 (CI). A test belongs here where PostgreSQL 15 and PGlite's PostgreSQL 18 could differ.
 */
export const onBothDatabases: readonly { readonly files: string; readonly reason: string }[] = [
  { files: 'packages/db/src/*.db.test.ts', reason: 'opening, migrations, transactions, listening, the pool' },
  { files: 'packages/core/src/event/log.db.test.ts', reason: 'triggers that number events under a lock' },
  { files: 'packages/core/src/event/watchModel.db.test.ts', reason: 'the log read while it is written' },
  { files: 'packages/core/src/event/trim.db.test.ts', reason: 'the log trimmed' },
  { files: 'packages/core/src/report/*.db.test.ts', reason: 'one statement publishes many reports' },
  { files: 'packages/core/src/liveness/*.db.test.ts', reason: 'leases by the clock of the database' },
  { files: 'packages/core/src/sweep/*.db.test.ts', reason: 'the sweeps and their clock' },
  { files: 'packages/core/src/plugin/attempts.db.test.ts', reason: 'the sweep of deadlines and attempts' },
  { files: 'packages/core/src/plugin/versionOrder.db.test.ts', reason: 'the order of versions, in SQL' },
  { files: 'packages/core/src/bulk/*.db.test.ts', reason: 'dry runs in transactions that are rolled back' },
  { files: 'packages/core/src/placement/install.db.test.ts', reason: 'candidates, ranks and their locks' },
  { files: 'packages/core/src/placement/rollout/*.db.test.ts', reason: 'rounds of a rollout, in SQL' },
  { files: 'packages/core/src/placement/drain/*.db.test.ts', reason: 'moves of a drain, in SQL' },
  { files: 'packages/core/src/access/secondLine.db.test.ts', reason: 'the second line of defence is in SQL' },
  { files: 'packages/core/src/query/*.db.test.ts', reason: 'collation, keysets, JSON and patterns in SQL' },
  { files: 'packages/core/src/jsonRead/*.db.test.ts', reason: 'answers that the database writes as JSON' },
  { files: 'packages/core/src/search/*.db.test.ts', reason: 'SQL written from a search, dates and groups in it' },
  { files: 'packages/schema/test/queries.db.test.ts', reason: 'Prisma through either adapter' },
  { files: 'packages/server/test/live.db.test.ts', reason: 'the way from a trigger to a socket' },
  { files: 'packages/server/test/masking.db.test.ts', reason: 'errors of either database, hidden from clients' },
  { files: 'packages/server/test/resume.process.db.test.ts', reason: 'what a SIGKILL leaves on disk' },
  { files: 'packages/server/test/dataFolder.process.db.test.ts', reason: 'PGlite alone has a data folder' },
];
