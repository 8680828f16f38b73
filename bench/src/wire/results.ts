import type { MeasuredLoad } from '../load/measuredLoad.ts';
import { median } from '../statistics.ts';
import { formatFigure, formatTable } from '../table.ts';
import type { WireOptions } from './options.ts';

/** All rounds of one way with one workload. */
export interface Series {
  readonly label: string;
  readonly rounds: readonly MeasuredLoad[];
}

type Figure = 'requestsASecond' | 'p50Ms' | 'p99Ms' | 'serverMicros' | 'databaseMicros';

const header = [
  'way',
  'requests/s (min..max)',
  'x GraphQL',
  'p50 ms',
  'p99 ms',
  'server CPU us/request',
  'database CPU us/request',
];

/** One line a way, medians of its rounds, and how many requests it answered compared with `base`, where that was measured. */
export function formatSeries(series: readonly Series[], base: Series | undefined): string {
  const of = ({ rounds }: Series, figure: Figure) => median(rounds.map((round) => round[figure]));
  const rows = series.map((each) => {
    const rates = each.rounds.map(({ requestsASecond }) => requestsASecond);
    const ratio = base === undefined ? Number.NaN : median(rates) / of(base, 'requestsASecond');
    return [
      each.label,
      `${formatFigure(median(rates))} (${formatFigure(Math.min(...rates))}..${formatFigure(Math.max(...rates))})`,
      Number.isFinite(ratio) ? ratio.toFixed(2) : '-',
      formatFigure(of(each, 'p50Ms')),
      formatFigure(of(each, 'p99Ms')),
      formatFigure(of(each, 'serverMicros')),
      formatFigure(of(each, 'databaseMicros')),
    ];
  });
  return formatTable(header, rows);
}

/** What the figures are of, in words that stand under every table. */
export function explanation({ rounds, seconds, connections, supervisors, plugins }: WireOptions): string {
  return [
    `Medians, rounds: ${rounds}, of ${seconds} s each; the ways alternate, all into one server process over one database`,
    `with ${supervisors.toLocaleString('en-US')} supervisors and ${plugins} plugins each. ${connections} kept connections ask again as soon as they are answered, from a`,
    'process of its own: undici for HTTP/1.1, bare HTTP/2 with messages made beforehand for gRPC. Every way was checked first.',
    'Muster as it starts by default, but for the rate limits of one credential. Database connections: 10, and three that follow events and keys.',
    "CPU: user and system, in steps of 10 ms; the database's is that of all of PostgreSQL's processes, whoever uses it.",
    'Load, server and database share the cores.',
  ].join('\n');
}
