import { loadOptions, type SizedOptions } from '../load/loadOptions.ts';
import { type Way, ways } from './ways.ts';

export type PublishOptions = SizedOptions<Way>;

export const { usage, readOptions } = loadOptions({
  name: 'publish',
  ways,
  called: 'servers',
  rounds: 3,
  seconds: 3,
  warmUpSeconds: 2,
  sizes: '1000',
  mostPlugins: 1_000,
  // Each server would treat two reports of one supervisor at a time in its own way.
  oneAtATime: true,
});
