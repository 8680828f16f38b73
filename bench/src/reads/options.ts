import { type LoadOptions, loadOptions } from '../load/loadOptions.ts';
import { type Way, ways } from './ways.ts';

export type ReadsOptions = LoadOptions<Way>;

export const { usage, readOptions } = loadOptions({
  name: 'reads',
  ways,
  called: 'servers',
  rounds: 5,
  seconds: 3,
  warmUpSeconds: 2,
  mostPlugins: 20,
  oneAtATime: false,
});
