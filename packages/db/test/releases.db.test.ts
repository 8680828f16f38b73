import { execFile } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { migrationsFolder } from '../src/migrations/folder.ts';
import { openDatabase } from '../src/open.ts';
import { findPostgresPrograms } from '../testing/cluster.ts';
import { addMigration, copyOfMigrations } from '../testing/migrationFolders.ts';
import { upgradeDump } from '../testing/releasedDump.ts';
import { createPostgresDatabase, testDatabaseKind } from '../testing/testDatabase.ts';

const folder = join(import.meta.dirname, 'releases');
const released = globSync('*.sql.gz', { cwd: folder }).sort();
const programs = await findPostgresPrograms();
const later = '29991231000000_later';
const upgraded = { lost: [], differences: [] };

describe.runIf(testDatabaseKind() === 'postgresql')('O9: an upgrade', () => {
  test.each(released)('from the dump %s keeps all rows, and ends as a new database begins', async (name) => {
    const dump = gunzipSync(readFileSync(join(folder, name))).toString();
    expect(await upgradeDump(dump, migrationsFolder)).toEqual(upgraded);
  });

  describe.runIf(programs)('from a dump of the migrations of now', () => {
    let dump: string;
    beforeAll(async () => {
      const { url, drop } = await createPostgresDatabase();
      const db = await openDatabase({ url });
      await db.prisma.supervisor.create({
        data: { id: 'supervisor-00000000000a', domainId: 'd', hostname: 'h', name: 'n' },
      });
      await db.close();
      // libpq reads the plus in the URL's options as one.
      const args = ['--no-owner', '--no-privileges', '--inserts', url.replaceAll('+', '%20')];
      dump = (await promisify(execFile)(join(programs ?? '', 'pg_dump'), args, { maxBuffer: 1e8 })).stdout;
      await drop();
    });

    test('finds nothing to do', async () => {
      expect(dump).toContain('supervisor-00000000000a');
      expect(await upgradeDump(dump, migrationsFolder)).toEqual(upgraded);
    });

    test('applies a later migration', async () => {
      const newer = await copyOfMigrations();
      await addMigration(newer, later, 'ALTER TABLE "supervisors" ADD COLUMN "later" TEXT;');
      expect(await upgradeDump(dump, newer)).toEqual(upgraded);
    });

    test('is seen to lose rows, and to end otherwise than a new database', async () => {
      const newer = await copyOfMigrations();
      const text = `DO $$ BEGIN
        IF EXISTS (SELECT FROM "supervisors") THEN
          ALTER TABLE "supervisors" ADD COLUMN "later" TEXT;
          DELETE FROM "supervisors";
        END IF;
      END $$;`;
      await addMigration(newer, later, text);
      expect(await upgradeDump(dump, newer)).toEqual({
        lost: expect.arrayContaining(['supervisors']),
        differences: [expect.stringContaining('supervisors later text')],
      });
    });
  });
});
