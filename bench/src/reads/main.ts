import { failuresNamed } from '../failuresNamed.ts';
import { createDatabase, postmasterPid } from '../postgres.ts';
import { seed } from '../reports/seed.ts';
import { writeResults } from '../writeResults.ts';
import { type Ground, type MeasuredRead, measure } from './measure.ts';
import { type ReadsOptions, readOptions, usage } from './options.ts';
import { explanation, versions } from './results.ts';
import { formatSeries } from './table.ts';
import { limitName, type Way } from './ways.ts';
import { workloads } from './workloads.ts';

/** All that was measured of one server: its rounds, each with one measurement a workload. */
interface Course {
  readonly way: Way;
  readonly rounds: MeasuredRead[][];
}

/** Measures all servers side by side, and prints a table of each workload. */
export async function reads(args: string[], signal: AbortSignal): Promise<void> {
  if (args.includes('--help')) return console.log(usage);
  const options = readOptions(args);
  const head = await versions();
  console.log(head);
  const courses = await measureAll(options, signal);
  const parts = [head, ...workloads.map(({ title }, place) => `${title}\n${tableOf(courses, place)}`)];
  console.log(`\n${[...parts.slice(1), explanation(options)].join('\n\n')}`);
  if (options.write) {
    await writeResults('reads', 'Reads', [...parts, explanation(options)].join('\n\n'));
  }
}

async function measureAll(options: ReadsOptions, signal: AbortSignal): Promise<Course[]> {
  const { rounds, supervisors, plugins } = options;
  await using undo = new AsyncDisposableStack();
  const template = await createDatabase();
  undo.defer(() => template.drop());
  await seed(template.url, supervisors, plugins, signal);
  const ground: Ground = { template, postmaster: await postmasterPid() };

  const courses: Course[] = options.ways.map((way) => ({ way, rounds: [] }));
  for (let round = 0; round < rounds; round += 1) {
    // Each round begins with another server, so that none always has the same one's aftermath to run in.
    const first = round % courses.length;
    for (const course of [...courses.slice(first), ...courses.slice(0, first)]) {
      signal.throwIfAborted();
      console.error(`round ${round + 1} of ${rounds}: ${course.way.name}`);
      course.rounds.push(await failuresNamed(course.way.name, measure(course.way, ground, options, signal)));
    }
  }
  return courses;
}

function tableOf(courses: readonly Course[], workload: number): string {
  const series = courses.map(({ way, rounds }) => ({
    name: way.name,
    label: way.label,
    rounds: rounds.flatMap((round) => round[workload] ?? []),
  }));
  return formatSeries(
    series,
    series.find(({ name }) => name === limitName),
  );
}
