import { loadOptions, type SizedOptions } from '../load/loadOptions.ts';
import { type Way, ways } from './ways.ts';

export type ReadsOptions = SizedOptions<Way>;

export const { usage, readOptions } = loadOptions({
  name: 'reads',
  ways,
  called: 'servers',
  rounds: 5,
  seconds: 2,
  warmUpSeconds: 1,
  sizes: '1000,100000',
  mostPlugins: 20,
  oneAtATime: false,
});
