import { loadOptions, type SizedOptions } from '../load/loadOptions.ts';
import { type Way, ways } from './ways.ts';

/** The options of the bench. */
export type WireOptions = SizedOptions<Way>;

/** The bench's usage text, and the reader of its command line. */
export const { usage, readOptions } = loadOptions({
  name: 'wire',
  ways,
  called: 'ways',
  rounds: 3,
  seconds: 3,
  warmUpSeconds: 2,
  sizes: '1000',
  mostPlugins: 1_000,
  // The second of two reports of one supervisor at a time would wait for the first.
  oneAtATime: true,
});
