import type { Bench } from '../bench.ts';
import { BenchError } from '../benchError.ts';
import type { MeasuredLoad } from '../load/measuredLoad.ts';
import { formatFigure, formatTable } from '../table.ts';
import { measure } from './measure.ts';
import { type FleetOptions, readOptions, smallerFleet, usage } from './options.ts';

const header = [
  'supervisors',
  'plugins',
  'publishes/s',
  'p50 ms',
  'p99 ms',
  'server CPU us/publish',
  'database CPU us/publish',
  'agents CPU us/publish',
  'errors',
];

/** The bench that looks for the largest fleet that one server serves well, and shows all fleets that it tried. */
export const fleet: Bench = {
  summary: 'how many agents one server takes the reports of',
  usage,
  report: async (args, signal) => measureFleets(readOptions(args), signal),
};

/** @throws BenchError with the table, if no fleet is served well. */
async function measureFleets(options: FleetOptions, signal: AbortSignal): Promise<string> {
  const rows: string[][] = [];
  let served = false;
  let problem = '';
  for (let size: number | undefined = options.supervisors; size && !served; size = smallerFleet(size)) {
    console.error(`${size.toLocaleString('en-US')} supervisors`);
    const measured = await measure(size, options, signal);
    rows.push(formatRow(size, options.plugins, measured));
    served = measured.errors === 0 && measured.p99Ms < options.p99Ms;
    problem = measured.firstError ?? `p99 was ${formatFigure(measured.p99Ms)} ms`;
    if (!served) console.error(`too many: ${problem}`);
  }
  const text = `${formatTable(header, rows)}\n\n${explanation(options)}`;
  if (served) return text;
  throw new BenchError(`${text}\n\nno fleet was served within ${options.p99Ms} ms and without an error: ${problem}`);
}

function formatRow(supervisors: number, plugins: number, measured: MeasuredLoad): string[] {
  return [
    supervisors.toLocaleString('en-US'),
    String(plugins),
    ...[
      measured.requestsASecond,
      measured.p50Ms,
      measured.p99Ms,
      measured.serverMicros,
      measured.databaseMicros,
      measured.loadMicros,
      measured.errors,
    ].map(formatFigure),
  ];
}

function explanation({ intervalMs, seconds, changedPercent, connections, p99Ms }: FleetOptions): string {
  return [
    `One Muster process, one PostgreSQL. Each supervisor publishes every ${intervalMs / 1_000} s on a schedule of its own, whatever became of`,
    `other reports (nextPublishInMs would have it wait longer); in ${changedPercent} of 100 reports a plugin's state changed. Measured for ${seconds} s,`,
    `after one interval. The agents are one process, which keeps up to ${connections.toLocaleString('en-US')} connections for all.`,
    `p50/p99: from the moment that the schedule names. Smaller fleets are tried until p99 is under ${p99Ms} ms, without an error.`,
    'The agents share the machine with what they measure: where all CPU times together fill it, they limit the fleet, too.',
    "CPU: user and system, in steps of 10 ms; the database's is that of all of PostgreSQL's processes, including those of other clients.",
  ].join('\n');
}
