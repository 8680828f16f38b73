import { createServerBench } from '../load/serverBench.ts';
import { measure } from './measure.ts';
import { readOptions, usage } from './options.ts';
import { explanation } from './results.ts';
import { limitName } from './ways.ts';
import { workloads } from './workloads.ts';

/** The bench of taking reports, side by side with other servers. */
export const publish = createServerBench({
  name: 'publish',
  summary: "what it costs to take an agent's report, beside other servers",
  usage,
  readOptions,
  workloads,
  words: { line: 'server', unit: 'report', base: limitName, baseLabel: 'limit' },
  prepare: async (ground, options, signal) => (way) => measure(way, ground, options, signal),
  explanation,
});
