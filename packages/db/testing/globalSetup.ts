import type { TestProject } from 'vitest/node';
import { prepareTemplates } from './templates.ts';
import type { TestDatabaseKind } from './testDatabase.ts';
import { beginRun } from './testRun.ts';

/** Runs once, before all tests; the function it returns runs after them. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const run = await beginRun();
  // In CI a failure must come again; elsewhere each run tries something else.
  process.env.MUSTER_TEST_SEED ??= process.env.CI ? '1' : String(Math.floor(Math.random() * 1_000_000));
  process.stdout.write(`MUSTER_TEST_SEED=${process.env.MUSTER_TEST_SEED}\n`);
  // The workers, which are yet to start, inherit both.
  process.env.MUSTER_TEST_RUN = run.id;
  process.env.TMPDIR = run.folder;
  const kinds = project.vitest.projects.map(({ config }) => config.env?.MUSTER_TEST_DATABASE);
  project.provide('templates', await prepareTemplates(kinds as (TestDatabaseKind | undefined)[]));
  return async () => {
    const left = await run.end();
    if (left.length > 0) throw new Error(`the tests left behind, and ought to have ended: ${left.join(', ')}`);
  };
}
