import { forEachSize } from '../load/loadOptions.ts';
import { formatSeries } from '../load/seriesTable.ts';
import { createDatabase, postmasterPid } from '../postgres.ts';
import { seed } from '../reports/seed.ts';
import { sideBySide } from '../sideBySide.ts';
import { formatGrowth, type WorkloadCourses } from './growth.ts';
import { measure } from './measure.ts';
import { type ReadsOptions, readOptions, usage } from './options.ts';
import { explanation } from './results.ts';
import { limitName } from './ways.ts';
import { workloads } from './workloads.ts';

const words = { line: 'server', unit: 'request', base: limitName, baseLabel: 'limit' };

/** All servers side by side: a table of each workload and number of supervisors, and of how the cost grows with it. */
export const reads = {
  summary: 'what it costs to read supervisors and plugins, beside other servers',
  usage,
  report: async (args: string[], signal: AbortSignal): Promise<string> => {
    const options = readOptions(args);
    const measured = await forEachSize(options, async (sized) => ({
      supervisors: sized.supervisors,
      courses: await measureAll(sized, signal),
    }));
    const tables = measured.flatMap(({ supervisors, courses }) =>
      workloads.map(
        ({ title }, place) =>
          `${supervisors.toLocaleString('en-US')} supervisors: ${title}\n${formatSeries(courses[place] ?? [], words)}`,
      ),
    );
    return [...tables, ...formatGrowth(measured), explanation(options)].join('\n\n');
  },
};

async function measureAll(options: ReadsOptions, signal: AbortSignal): Promise<WorkloadCourses> {
  const { rounds, supervisors, plugins, ways } = options;
  await using undo = new AsyncDisposableStack();
  const template = await createDatabase();
  undo.defer(() => template.drop());
  await seed(template.url, supervisors, plugins, signal);
  const databases = new Map<string, string>();
  for (const { name } of ways) {
    const database = await createDatabase(template);
    undo.defer(() => database.drop());
    databases.set(name, database.url);
  }
  const postmaster = await postmasterPid();
  const courses = await sideBySide(
    `reads, ${supervisors.toLocaleString('en-US')} supervisors`,
    ways,
    rounds,
    (way) => measure(way, databases.get(way.name) ?? '', postmaster, options, signal),
    signal,
  );
  return workloads.map((_, place) =>
    courses.map(({ way, rounds: measured }) => ({ way, rounds: measured.flatMap((all) => all[place] ?? []) })),
  );
}
