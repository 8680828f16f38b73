import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPostgresDatabase, spawnGuarded, testDatabaseKind } from '@muster/db/testing';
import { expect, test } from 'vitest';
import { seed, seedFolder } from '../reports/seed.ts';
import { measureStart } from './measure.ts';
import { createWays } from './ways.ts';

// Figures of processes are read from /proc.
const canMeasure = testDatabaseKind() === 'postgresql' && process.platform === 'linux';

test.skipIf(!canMeasure)(
  'each start of Muster is measured, on PostgreSQL, in a new folder and in an old one',
  async () => {
    await using undo = new AsyncDisposableStack();
    const { signal } = new AbortController();
    const database = await createPostgresDatabase();
    undo.defer(() => database.drop());
    await seed(database.url, 30, 2, signal);
    const folder = await mkdtemp(join(tmpdir(), 'muster-bench-test-'));
    undo.defer(() => rm(folder, { recursive: true }));
    await seedFolder(folder, 30, 2, signal);

    const ground = { databaseUrl: database.url, folder };
    for (const way of createWays({ start: spawnGuarded }).filter(({ label }) => label.startsWith('Muster'))) {
      const figures = await measureStart(way, ground, { seconds: 1, connections: 2 }, signal);
      expect(figures.firstAnswerMs, way.name).toBeGreaterThan(0);
      expect(figures.idleBytes, way.name).toBeGreaterThan(0);
      if (way.name === 'embedded-new') expect(figures.loadedBytes).toBeNaN();
      else expect(figures.loadedBytes, way.name).toBeGreaterThan(0);
    }
  },
);
