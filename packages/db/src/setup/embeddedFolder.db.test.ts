import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { badFolders } from '../../testing/badFolders.ts';
import { pgliteTemplate, testDatabaseKind } from '../../testing/testDatabase.ts';
import { openDatabase } from '../open.ts';
import { embeddedVersion } from './embeddedFolder.ts';
import { examineSetup } from './examineSetup.ts';
import { DatabaseSetupError } from './setupError.ts';

const isRoot = process.getuid?.() === 0;

describe.runIf(testDatabaseKind() === 'pglite')(
  'O11: a folder that can not be opened is one line that says what to change',
  () => {
    test.each(badFolders.filter(({ bindsOnlyOthersThanRoot = false }) => !isRoot || !bindsOnlyOthersThanRoot))(
      '$title',
      async ({ make, says }) => {
        const parent = await mkdtemp(join(tmpdir(), 'muster-bad-folder-'));
        onTestFinished(() => rm(parent, { recursive: true }));
        const dataDir = join(parent, 'data');
        await make(dataDir, join(pgliteTemplate(), 'cluster'));
        const error = await openDatabase({ dataDir }).catch((reason: unknown) => reason);
        if (!(error instanceof DatabaseSetupError)) throw error;
        expect(error.message).toMatch(says);
        expect(error.message).toMatch(/^MUSTER_DATA_DIR: [^\n]+$/);
        expect(await examineSetup({ dataDir })).toEqual([
          { subject: 'folder', level: 'failure', message: expect.stringMatching(says), mayPass: false },
        ]);
      },
    );

    test('the version that is opened is that of PGlite', async () => {
      expect((await readFile(join(pgliteTemplate(), 'cluster/PG_VERSION'), 'utf8')).trim()).toBe(embeddedVersion);
    });

    test('a folder that is whole is found so, and the lock of a server there is told', async () => {
      const parent = await mkdtemp(join(tmpdir(), 'muster-folder-'));
      onTestFinished(() => rm(parent, { recursive: true }));
      const dataDir = join(parent, 'data');
      expect(await examineSetup({ dataDir })).toMatchObject([
        { level: 'ok', message: expect.stringContaining('there is none') },
      ]);
      const loadDataDir = new Blob([await readFile(join(pgliteTemplate(), 'dump.tar'))]);
      const db = await openDatabase({ dataDir, loadDataDir });
      expect(await examineSetup({ dataDir })).toMatchObject([
        { level: 'warning', message: expect.stringContaining('in use by process') },
      ]);
      await db.close();
      expect(await examineSetup({ dataDir })).toMatchObject([
        { subject: 'folder', level: 'ok' },
        { subject: 'migrations', level: 'ok' },
      ]);
    });
  },
);
