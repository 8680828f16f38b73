import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { onBothDatabases } from './packages/db/testing/bothDatabases.ts';
import { inCiAlone } from './packages/db/testing/inCiAlone.ts';
import type { TestDatabaseKind } from './packages/db/testing/testDatabase.ts';
import { administrationUrl, connectionsOfTestFile, findPostgres } from './packages/db/testing/versions.ts';

/*
 * A file's name says where it runs: `*.test.ts` needs no database, `*.db.test.ts` does. `*.process.test.ts` and
 * `*.process.db.test.ts` start processes or browsers: they come last, a few at a time, and may take their time.
 *
 * What needs a database runs on PostgreSQL where one is reachable, else on PGlite. A subset (bothDatabases.ts) runs on
 * both, and with MUSTER_TEST_EVERYTHING=1 all of it does. Files that last long (inCiAlone.ts) run with
 * MUSTER_TEST_EVERYTHING=1 alone.
 */
const postgres = await findPostgres();
const runsEverything = process.env.MUSTER_TEST_EVERYTHING === '1';
if (postgres === undefined) {
  const { host } = new URL(administrationUrl);
  if (runsEverything) throw new Error(`MUSTER_TEST_EVERYTHING: expected a PostgreSQL at ${host}; none answers`);
  process.stderr.write(`Skipped: the tests against PostgreSQL, since none answers at ${host}.\n`);
}

const dependencies = '**/node_modules/**';
const slowExcluded = runsEverything ? [dependencies] : [dependencies, ...inCiAlone.map(({ files }) => files)];
const named = (suffix: string) => [`packages/*/{src,test}/**/*${suffix}`, `{bench/src,scripts}/**/*${suffix}`];
// Three workers keep two cores busy, since each often waits; more cores are not all taken. PostgreSQL has a place for
// each connection of each of them, and some are left for others.
const leftForOthers = 10;
const maxWorkers = Math.min(
  Math.max(3, availableParallelism() - 1),
  Math.max(1, Math.floor(((postgres?.maxConnections ?? Infinity) - leftForOthers) / connectionsOfTestFile)),
);
const quick = { maxWorkers, isolate: false, testTimeout: 120_000, hookTimeout: 120_000, sequence: { groupOrder: 0 } };
const slow = {
  maxWorkers: Math.min(3, maxWorkers),
  isolate: false,
  testTimeout: 300_000,
  hookTimeout: 300_000,
  sequence: { groupOrder: 1 },
};

// graphql has two builds, and an error of one is none of the other. Vite would give the sources one and their
// dependencies the other; this is the one that Node gives to all.
const graphql = createRequire(new URL('packages/schema/package.json', import.meta.url)).resolve('graphql');
const resolve = { alias: [{ find: /^graphql$/, replacement: graphql }] };

function onDatabase(kind: TestDatabaseKind, files?: string[]): TestProjectInlineConfiguration[] {
  const common = { env: { MUSTER_TEST_DATABASE: kind } };
  const chosen = (suffix: string) => files?.filter((file) => file.endsWith(suffix)) ?? named(suffix);
  return [
    {
      resolve,
      test: {
        ...quick,
        ...common,
        name: kind,
        include: chosen('.db.test.ts'),
        exclude: [dependencies, ...named('.process.db.test.ts')],
      },
    },
    {
      resolve,
      test: {
        ...slow,
        ...common,
        name: `process-${kind}`,
        include: chosen('.process.db.test.ts'),
        exclude: slowExcluded,
      },
    },
  ];
}

export default defineConfig({
  test: {
    reporters: ['default', './scripts/countReporter.ts'],
    globalSetup: ['packages/db/testing/globalSetup.ts'],
    setupFiles: ['packages/db/testing/fileSetup.ts', 'packages/core/testing/seedSetup.ts'],
    // Polls wait for what must come until the test's own time-out is near.
    expect: { poll: { timeout: 100_000, interval: 10 } },
    projects: [
      {
        resolve,
        test: {
          ...quick,
          name: 'unit',
          include: named('.test.ts'),
          exclude: [dependencies, ...named('.db.test.ts'), ...named('.process.test.ts')],
        },
      },
      { resolve, test: { ...slow, name: 'process', include: named('.process.test.ts'), exclude: slowExcluded } },
      ...(postgres === undefined ? [] : onDatabase('postgresql')),
      ...(postgres === undefined || runsEverything
        ? onDatabase('pglite')
        : onDatabase(
            'pglite',
            onBothDatabases.map(({ files }) => files),
          )),
    ],
  },
});
