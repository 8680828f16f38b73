import { beginRun } from './testRun.ts';

/** Runs once, before all projects; what it returns runs after them. */
export default async function setup(): Promise<() => Promise<void>> {
  const run = await beginRun();
  // In CI a failure must come again; elsewhere each run tries something else.
  process.env.MUSTER_TEST_SEED ??= process.env.CI ? '1' : String(Math.floor(Math.random() * 1_000_000));
  process.stdout.write(`Tests begin with MUSTER_TEST_SEED=${process.env.MUSTER_TEST_SEED}\n`);
  // The workers, which are yet to start, inherit both.
  process.env.MUSTER_TEST_RUN = run.id;
  process.env.TMPDIR = run.folder;
  return async () => {
    const left = await run.end();
    if (left.length > 0) throw new Error(`the tests left behind, and ought to have ended: ${left.join(', ')}`);
  };
}
