import { expect, test } from 'vitest';
import { createSharedRun } from './sharedRun.ts';

test('callers share a run that began after they called; a failure is theirs alone', async () => {
  const runs: PromiseWithResolvers<number>[] = [];
  const shared = createSharedRun(() => {
    const run = Promise.withResolvers<number>();
    runs.push(run);
    return run.promise;
  });
  const first = shared();
  const [second, third] = [shared(), shared()];
  expect(runs).toHaveLength(1);
  runs[0]?.reject(new Error('lost'));
  await expect(first).rejects.toThrow('lost');
  await expect.poll(() => runs.length).toBe(2);
  const fourth = shared();
  runs[1]?.resolve(2);
  expect(await Promise.all([second, third])).toEqual([2, 2]);
  await expect.poll(() => runs.length).toBe(3);
  runs[2]?.resolve(3);
  expect(await fourth).toBe(3);
});
