import { forEachSize } from '../load/loadOptions.ts';
import { formatSeries } from '../load/seriesTable.ts';
import { createDatabase, postmasterPid } from '../postgres.ts';
import { seed } from '../reports/seed.ts';
import { sideBySide } from '../sideBySide.ts';
import { type Ground, measure } from './measure.ts';
import { type PublishOptions, readOptions, usage } from './options.ts';
import { explanation } from './results.ts';
import { limitName } from './ways.ts';
import { workloads } from './workloads.ts';

const words = { line: 'server', unit: 'report', base: limitName, baseLabel: 'limit' };

/** All servers side by side: a table of each workload. */
export const publish = {
  summary: "what it costs to take an agent's report, beside other servers",
  usage,
  report: async (args: string[], signal: AbortSignal): Promise<string> => {
    const options = readOptions(args);
    const tables = await forEachSize(options, (sized) => tablesOf(sized, signal));
    return [...tables.flat(), explanation(options)].join('\n\n');
  },
};

async function tablesOf(options: PublishOptions, signal: AbortSignal): Promise<string[]> {
  const { rounds, supervisors, plugins, ways } = options;
  await using undo = new AsyncDisposableStack();
  const template = await createDatabase();
  undo.defer(() => template.drop());
  await seed(template.url, supervisors, plugins, signal);
  const ground: Ground = { template, postmaster: await postmasterPid() };
  const size = `${supervisors.toLocaleString('en-US')} supervisors`;
  const courses = await sideBySide(
    `publish, ${size}`,
    ways,
    rounds,
    (way) => measure(way, ground, options, signal),
    signal,
  );
  return workloads.map(({ title }, place) => {
    const series = courses.map(({ way, rounds: measured }) => ({
      way,
      rounds: measured.flatMap((all) => all[place] ?? []),
    }));
    return `${size}: ${title}\n${formatSeries(series, words)}`;
  });
}
