import { createLoadOptions, type SizedOptions } from '../load/loadOptions.ts';
import { type Way, ways } from './ways.ts';

/** The options of `bench publish` with one number of supervisors. */
export type PublishOptions = SizedOptions<Way>;

/** The command line of `bench publish`. */
export const { usage, readOptions } = createLoadOptions({
  name: 'publish',
  ways,
  noun: 'servers',
  rounds: 3,
  seconds: 3,
  warmUpSeconds: 2,
  sizes: '1000',
  maxPlugins: 1_000,
  // Servers treat concurrent reports of one supervisor differently.
  oneAtATime: true,
});
