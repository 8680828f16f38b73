import { createLoadOptions, type SizedOptions } from '../load/loadOptions.ts';
import { type Way, ways } from './ways.ts';

/** The options of `bench wire` with one number of supervisors. */
export type WireOptions = SizedOptions<Way>;

/** The command line of `bench wire`. */
export const { usage, readOptions } = createLoadOptions({
  name: 'wire',
  ways,
  noun: 'ways',
  rounds: 3,
  seconds: 3,
  warmUpSeconds: 2,
  sizes: '1000',
  maxPlugins: 1_000,
  // Concurrent reports of one supervisor would wait for each other.
  oneAtATime: true,
});
