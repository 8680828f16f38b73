/**
 * How often a property is tried: `everywhere` times where MUSTER_TEST_EVERYTHING=1 (CI), and a fifth of that elsewhere,
 * with another seed each time.
 */
export function propertyRuns(everywhere: number): number {
  return process.env.MUSTER_TEST_EVERYTHING === '1' ? everywhere : Math.ceil(everywhere / 5);
}
