/** The seed of a run's random choices: fixed in CI, new each time elsewhere, or MUSTER_TEST_SEED. A run prints it. */
export function testSeed(): number {
  const seed = Number(process.env.MUSTER_TEST_SEED);
  if (!Number.isSafeInteger(seed)) throw new Error(`MUSTER_TEST_SEED: expected a whole number`);
  return seed;
}
