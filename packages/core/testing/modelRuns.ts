/** How often a model is played: `usual` times, or MUSTER_TEST_MODEL_RUNS times. */
export function modelRuns(usual: number): number {
  const given = process.env.MUSTER_TEST_MODEL_RUNS;
  if (given === undefined || given === '') return usual;
  const runs = Number(given);
  if (!Number.isSafeInteger(runs) || runs < 1) {
    throw new Error(`MUSTER_TEST_MODEL_RUNS: expected a whole number from 1; got ${given}`);
  }
  return runs;
}
