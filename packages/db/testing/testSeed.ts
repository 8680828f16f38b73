/** What a run's chance begins with: fixed in CI, another each time elsewhere, or MUSTER_TEST_SEED; a run prints it first. */
export function testSeed(): number {
  const seed = Number(process.env.MUSTER_TEST_SEED);
  if (!Number.isSafeInteger(seed)) throw new Error(`MUSTER_TEST_SEED: expected a whole number`);
  return seed;
}
