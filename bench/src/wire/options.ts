import { loadOptions, type SizedOptions } from '../load/loadOptions.ts';
import { type Way, ways } from './ways.ts';

export type WireOptions = SizedOptions<Way>;

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
