import { createHistogram } from '../statistics.ts';
import { formatFigure, formatTable } from '../table.ts';
import type { ConsoleFigures } from './measure.ts';
import type { ConsoleOptions, SizedConsoleOptions } from './options.ts';

/** Up to this number of supervisors, the first rows are asked for in half the time. */
const smallFleet = 10_000;
const maxMs = 60_000;
const stepsAMs = 100;

/** Formats the figures, each beside the figure that is asked of it. */
export function formatConsole(
  figures: ConsoleFigures,
  { supervisors, eventsASecond }: Pick<SizedConsoleOptions, 'supervisors' | 'eventsASecond'>,
): string {
  const { largestResponse } = figures;
  const rate = eventsASecond.toLocaleString('en-US');
  const rows = [
    ['first 50 rows, ms', figures.firstRowsMs, supervisors <= smallFleet ? '500' : '1,000'],
    ['JavaScript heap with them, MB', figures.firstRowsHeapBytes / 1e6, '60'],
    [`largest response (${largestResponse.path}), kB`, largestResponse.bytes / 1e3, '200'],
    ['renderer while nothing changes, % of a core', figures.idleShare * 100, '1'],
    ['a change on screen, p50 ms', quantile(figures.changesMs, 0.5), ''],
    ['a change on screen, p99 ms', quantile(figures.changesMs, 0.99), '250'],
    [`events a second on the rows, of ${rate}`, figures.eventsASecond, ''],
    ['messages a second', figures.messagesASecond, ''],
    ['a frame meanwhile, p50 ms', quantile(figures.frameWorkMs, 0.5), ''],
    ['a frame meanwhile, p99 ms', quantile(figures.frameWorkMs, 0.99), '16'],
    ['from frame to frame, p50 ms', quantile(figures.betweenFramesMs, 0.5), ''],
    ['from frame to frame, p99 ms', quantile(figures.betweenFramesMs, 0.99), ''],
    ['JavaScript heap after all that, MB', figures.lastHeapBytes / 1e6, '60'],
  ] satisfies [string, number, string][];
  const head = [`${supervisors.toLocaleString('en-US')} supervisors`, 'measured', 'asked: at most'];
  return formatTable(
    head,
    rows.map(([name, value, asked]) => [name, formatFigure(value), asked]),
  );
}

function quantile(times: readonly number[], share: number): number {
  const histogram = createHistogram(maxMs * stepsAMs);
  for (const ms of times) histogram.add(ms * stepsAMs);
  return histogram.quantile(share) / stepsAMs;
}

/** Explains the figures, in words below the tables. */
export function explanation({
  loads,
  plugins,
  changes,
  eventsASecond,
  seconds,
}: Omit<ConsoleOptions, 'sizes'>): string {
  return [
    `One Muster process, one PostgreSQL, one Chromium without a screen or a GPU, all on this machine; ${plugins} plugins a supervisor.`,
    `First rows: from the navigation until they are painted, the median of ${loads} visitors whose browsers had kept nothing; one more came before.`,
    'Heap: with garbage. Largest response: not compressed, scripts and messages of WebSockets included.',
    `Nothing changes for ${seconds} s: CPU, user and system, of the process that draws the page, in steps of 10 ms.`,
    `A change: a new label of a row shown, ${changes} times, from its request (so the commit is counted in) until its text is painted.`,
    `Events: each row's agent publishes new labels for ${seconds} s, together ${eventsASecond.toLocaleString('en-US')} times a second, or as often as the server answers.`,
    'A frame: from its first callback to the end of its painting. From frame to frame: 16.7 ms where none is late.',
    'The figures of a machine that does anything else besides are worth nothing.',
  ].join('\n');
}
