import type { Bench } from '../bench.ts';
import { type BenchDatabase, createDatabase, postmasterPid } from '../postgres.ts';
import { seed } from '../reports/seed.ts';
import { type Course, sideBySide } from '../sideBySide.ts';
import { forEachSize, type LoadOptions, type SizedOptions } from './loadOptions.ts';
import type { MeasuredLoad } from './measuredLoad.ts';
import { formatSeries, type TableWords } from './seriesTable.ts';

interface NamedWay {
  readonly name: string;
  readonly label: string;
}

/** The measurements with one number of supervisors. */
export interface MeasuredSize<Way extends NamedWay> {
  readonly supervisors: number;
  /** For each workload, in their order, the measurements of each way. */
  readonly courses: readonly (readonly Course<Way, MeasuredLoad>[])[];
}

/** The ground that all ways are measured on, with one number of supervisors. */
export interface Ground {
  /** Migrated and seeded; servers get copies. */
  readonly template: BenchDatabase;
  readonly postmaster: number;
  /** Releases what a bench opens for this number of supervisors. */
  readonly undo: AsyncDisposableStack;
}

/** The parts in which benches of servers side by side differ. */
export interface ServerBenchParts<Way extends NamedWay> extends Pick<Bench, 'summary' | 'usage'> {
  readonly name: string;
  readonly workloads: readonly { readonly title: string }[];
  readonly words: TableWords;
  /** @throws BenchError if an option is wrong */
  readOptions(args: string[]): LoadOptions<Way>;
  /** Prepares the measuring of one round of a way, which gives a measurement of each workload, in their order. */
  prepare(
    ground: Ground,
    options: SizedOptions<Way>,
    signal: AbortSignal,
  ): Promise<(way: Way) => Promise<MeasuredLoad[]>>;
  /** Formats further tables, of all numbers of supervisors together. */
  formatMore?(sizes: readonly MeasuredSize<Way>[]): string[];
  /** Explains the figures, in words below the tables. */
  explanation(options: LoadOptions<Way>): string;
}

/** Makes a bench of servers side by side: a table of each workload and number of supervisors. */
export function createServerBench<Way extends NamedWay>(parts: ServerBenchParts<Way>): Bench {
  return {
    summary: parts.summary,
    usage: parts.usage,
    report: async (args, signal) => {
      const options = parts.readOptions(args);
      const sizes = await forEachSize(options, (sized) => measureSize(parts, sized, signal));
      const tables = sizes.flatMap(({ supervisors, courses }) =>
        parts.workloads.map(
          ({ title }, index) =>
            `${formatSize(supervisors)}: ${title}\n${formatSeries(courses[index] ?? [], parts.words)}`,
        ),
      );
      return [...tables, ...(parts.formatMore?.(sizes) ?? []), parts.explanation(options)].join('\n\n');
    },
  };
}

async function measureSize<Way extends NamedWay>(
  parts: ServerBenchParts<Way>,
  options: SizedOptions<Way>,
  signal: AbortSignal,
): Promise<MeasuredSize<Way>> {
  const { rounds, supervisors, plugins, ways } = options;
  await using undo = new AsyncDisposableStack();
  const template = await createDatabase();
  undo.defer(() => template.drop());
  await seed(template.url, supervisors, plugins, signal);
  const measure = await parts.prepare({ template, postmaster: await postmasterPid(), undo }, options, signal);
  const courses = await sideBySide(`${parts.name}, ${formatSize(supervisors)}`, ways, rounds, measure, signal);
  return {
    supervisors,
    courses: parts.workloads.map((_, index) =>
      courses.map(({ way, rounds: measured }) => ({ way, rounds: measured.flatMap((all) => all[index] ?? []) })),
    ),
  };
}

/** Formats a number of supervisors, such as `1,000 supervisors`. */
export function formatSize(supervisors: number): string {
  return `${supervisors.toLocaleString('en-US')} supervisors`;
}
