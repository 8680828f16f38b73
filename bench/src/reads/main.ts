import { createServerBench } from '../load/serverBench.ts';
import { createDatabase } from '../postgres.ts';
import { formatGrowth } from './growth.ts';
import { measure } from './measure.ts';
import { readOptions, usage } from './options.ts';
import { explanation } from './results.ts';
import { limitName } from './ways.ts';
import { workloads } from './workloads.ts';

/** The bench of reads, side by side with other servers, and of how their cost grows with the number of supervisors. */
export const reads = createServerBench({
  name: 'reads',
  summary: 'what it costs to read supervisors and plugins, beside other servers',
  usage,
  readOptions,
  workloads,
  words: { line: 'server', unit: 'request', base: limitName, baseLabel: 'limit' },
  prepare: async ({ template, postmaster, undo }, options, signal) => {
    // Reads leave a database as it was, so a server keeps its copy for all rounds.
    const urls = new Map<string, string>();
    for (const { name } of options.ways) {
      const database = await createDatabase(template);
      undo.defer(() => database.drop());
      urls.set(name, database.url);
    }
    return (way) => measure(way, { databaseUrl: urls.get(way.name) ?? '', postmaster }, options, signal);
  },
  formatMore: formatGrowth,
  explanation,
});
