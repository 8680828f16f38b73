import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { testDatabaseKind } from '../../testing/testDatabase.ts';
import { openDatabase } from '../open.ts';
import { checkEmbeddedFolder, embeddedVersion } from '../setup/embeddedFolder.ts';
import { examineSetup } from '../setup/examineSetup.ts';
import { readClusterImage } from './clusterImage.ts';
import { lacksCluster, makeCluster } from './newCluster.ts';
import { unpack } from './unpack.ts';

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-cluster-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

const marker = 'muster.unfinished';

describe.runIf(testDatabaseKind() === 'pglite')('a new embedded database', () => {
  test('begins from the image that was made, which is of the version that is opened', async () => {
    const image = await readClusterImage();
    if (image === undefined) throw new Error('expected the image that generate makes; found none');
    const folder = await newFolder();
    unpack(image, folder);
    expect((await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim()).toBe(embeddedVersion);
    expect(await lacksCluster(folder)).toBe(false);
    await checkEmbeddedFolder(folder);
  });

  test('is made by initdb where there is no image', async () => {
    expect(await readClusterImage(new URL('none.tar.br', import.meta.url))).toBeUndefined();
    const folder = await newFolder();
    await (await makeCluster(folder, () => PGlite.create(folder))).close();
    expect(await lacksCluster(folder)).toBe(false);
    expect(await readdir(folder)).not.toContain(marker);
  });

  test('that was not finished is made anew, whatever of it is there', async () => {
    const folder = await newFolder();
    await mkdir(join(folder, 'global'));
    for (const name of [marker, 'PG_VERSION', 'global/pg_control']) await writeFile(join(folder, name), 'half');
    const db = await openDatabase({ dataDir: folder });
    expect(await db.prisma.supervisor.count()).toBe(0);
    await db.close();
    expect(await lacksCluster(folder)).toBe(false);
  });

  test('O11: that was not finished is not made over files of something else', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, marker), '');
    await writeFile(join(folder, 'notes.txt'), 'kept');
    await expect(openDatabase({ dataDir: folder })).rejects.toThrow(/holds files of something else \(notes\.txt\)/);
    expect(await readFile(join(folder, 'notes.txt'), 'utf8')).toBe('kept');
  });

  test.each([[[]], [[marker]]])(
    'is not made by who looks at the set-up of a folder with %j',
    async (names: string[]) => {
      const folder = await newFolder();
      for (const name of names) await writeFile(join(folder, name), '');
      expect(await examineSetup({ dataDir: folder })).toMatchObject([
        { level: 'ok', message: expect.stringContaining('there is none') },
      ]);
      expect(await readdir(folder)).toEqual(names);
    },
  );
});
