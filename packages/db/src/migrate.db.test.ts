import { PGlite } from '@electric-sql/pglite';
import { expect, onTestFinished, test } from 'vitest';
import { diffAgainstSchema } from '../scripts/schemaDiff.ts';
import { openTestDatabase, testDatabaseKind } from '../testing/testDatabase.ts';
import { openDatabase } from './open.ts';

test('migrations are in once the database is open', async () => {
  const db = await openTestDatabase();
  onTestFinished(() => db.close());
  expect(await db.appliedMigrations()).toEqual(['20261124000000_tables', '20261124000100_event_log']);
});

test.runIf(testDatabaseKind() === 'pglite')('the migrations make what schema.prisma says', async () => {
  const pglite = new PGlite();
  onTestFinished(() => pglite.close());
  expect(await diffAgainstSchema(pglite)).toContain('CREATE TABLE "supervisors"');
  void openDatabase;
});
