/**
 * The tests that run on both databases each time, with the reason; all others run on one, and on both only where
 * MUSTER_TEST_EVERYTHING=1 (CI). A test belongs here where PostgreSQL 15 and PGlite's PostgreSQL 18 could differ, or the
 * code that reaches them does; SQL that any PostgreSQL has in common does not.
 */
export const onBothDatabases: readonly { readonly files: string; readonly reason: string }[] = [
  {
    files: 'packages/db/src/{open,migrations/*}.db.test.ts',
    reason: 'opening, migrations, transactions, listening',
  },
  { files: 'packages/db/src/setup/embeddedFolder.db.test.ts', reason: 'PGlite alone has a data folder' },
  { files: 'packages/db/src/cluster/newCluster.db.test.ts', reason: 'PGlite alone makes clusters' },
  { files: 'packages/db/src/cluster/newCluster.process.db.test.ts', reason: 'PGlite alone makes clusters' },
  { files: 'packages/core/src/event/log.db.test.ts', reason: 'triggers that number events under a lock' },
  { files: 'packages/core/src/event/{trim,partitions}.db.test.ts', reason: 'the log trimmed, and its partitions' },
  { files: 'packages/core/src/report/pluginReport.db.test.ts', reason: 'what one statement makes of a report' },
  { files: 'packages/core/src/report/reportFailures.db.test.ts', reason: 'errors and retries of that statement' },
  {
    files: 'packages/core/src/report/sequence.db.test.ts',
    reason: 'reports that come late, and rows left as they are',
  },
  { files: 'packages/core/src/plugin/versionOrder.db.test.ts', reason: 'the order of versions, in SQL' },
  { files: 'packages/core/src/access/secondLine.db.test.ts', reason: 'the second line of defence is in SQL' },
  { files: 'packages/core/src/query/{agreement,foldCase}.db.test.ts', reason: 'collation, JSON and patterns in SQL' },
  { files: 'packages/core/src/query/page.db.test.ts', reason: 'keysets, and Prisma through either adapter' },
  { files: 'packages/core/src/jsonRead/*.db.test.ts', reason: 'answers that the database writes as JSON' },
  { files: 'packages/server/test/live.db.test.ts', reason: 'the way from a trigger to a socket' },
  { files: 'packages/server/test/masking.db.test.ts', reason: 'errors of either database, hidden from clients' },
  {
    files: 'packages/server/test/dataFolder.process.db.test.ts',
    reason: 'PGlite alone has a data folder, in which a SIGKILL leaves something',
  },
  { files: 'packages/server/test/badSetups.process.db.test.ts', reason: 'each database is set up badly in other ways' },
  {
    files: 'packages/server/test/histories.process.db.test.ts',
    reason: 'each database loses its history in other ways',
  },
];
