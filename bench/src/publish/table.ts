import type { MeasuredLoad } from '../load/measuredLoad.ts';
import { median } from '../statistics.ts';
import { formatFigure, formatTable } from '../table.ts';

/** All rounds of one server with one workload. */
export interface Series {
  readonly label: string;
  readonly rounds: readonly MeasuredLoad[];
}

type Figure = 'requestsASecond' | 'p50Ms' | 'p99Ms' | 'serverMicros' | 'databaseMicros';

const header = [
  'server',
  'publishes/s (min..max)',
  'x limit',
  'p50 ms',
  'p99 ms',
  'server CPU us/publish',
  'database CPU us/publish',
];

/** One line a server, medians of its rounds, and how many publishes it took compared with `limit`, where that was measured. */
export function formatSeries(series: readonly Series[], limit: Series | undefined): string {
  const of = ({ rounds }: Series, figure: Figure) => median(rounds.map((round) => round[figure]));
  const rows = series.map((each) => {
    const rates = each.rounds.map(({ requestsASecond }) => requestsASecond);
    const ratio = limit === undefined ? Number.NaN : median(rates) / of(limit, 'requestsASecond');
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
