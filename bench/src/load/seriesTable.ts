import type { Course } from '../sideBySide.ts';
import { median } from '../statistics.ts';
import { formatFigure, formatTable } from '../table.ts';
import type { MeasuredLoad } from './measuredLoad.ts';

type LoadCourse = Course<{ readonly name: string; readonly label: string }, MeasuredLoad>;

/** The words in a table's header. */
export interface TableWords {
  /** The title of the lines, such as `server`. */
  readonly line: string;
  /** The noun for a request, such as `report`. */
  readonly unit: string;
  /** Name of the way that all are compared with. */
  readonly base: string;
  /** Its name in the header. */
  readonly baseLabel: string;
}

const figures = ['p50Ms', 'p99Ms', 'serverMicros', 'databaseMicros'] as const;

/** The median of a figure over a course's rounds. */
export const medianOf = ({ rounds }: Pick<LoadCourse, 'rounds'>, figure: keyof MeasuredLoad) =>
  median(rounds.map((round) => Number(round[figure])));

/** Formats a line for each course: medians of its rounds, and the ratio of its rate to the base's if that was measured. */
export function formatSeries(courses: readonly LoadCourse[], words: TableWords): string {
  const base = courses.find(({ way }) => way.name === words.base);
  const header = [
    words.line,
    `${words.unit}s/s (min..max)`,
    `x ${words.baseLabel}`,
    'p50 ms',
    'p99 ms',
    `server CPU us/${words.unit}`,
    `database CPU us/${words.unit}`,
    'memory MB',
  ];
  const rows = courses.map((each) => {
    const rates = each.rounds.map(({ requestsASecond }) => requestsASecond);
    const ratio = base === undefined ? Number.NaN : median(rates) / medianOf(base, 'requestsASecond');
    return [
      each.way.label,
      `${formatFigure(median(rates))} (${formatFigure(Math.min(...rates))}..${formatFigure(Math.max(...rates))})`,
      Number.isFinite(ratio) ? ratio.toFixed(2) : '-',
      ...figures.map((figure) => formatFigure(medianOf(each, figure))),
      formatFigure(medianOf(each, 'residentBytes') / 1e6),
    ];
  });
  return formatTable(header, rows);
}
