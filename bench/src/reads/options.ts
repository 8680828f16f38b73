import { createLoadOptions, type SizedOptions } from '../load/loadOptions.ts';
import { type Way, ways } from './ways.ts';

/** The options of `bench reads` with one number of supervisors. */
export type ReadsOptions = SizedOptions<Way>;

/** The command line of `bench reads`. */
export const { usage, readOptions } = createLoadOptions({
  name: 'reads',
  ways,
  noun: 'servers',
  rounds: 5,
  seconds: 2,
  warmUpSeconds: 1,
  sizes: '1000,100000',
  maxPlugins: 20,
  oneAtATime: false,
});
