import type { Course } from '../sideBySide.ts';
import { median } from '../statistics.ts';
import { formatFigure, formatTable } from '../table.ts';
import type { MeasuredLoad } from './measuredLoad.ts';

type LoadCourse = Course<{ readonly name: string; readonly label: string }, MeasuredLoad>;

/** What the columns are called. */
export interface TableWords {
  /** What a line is of: `server`. */
  readonly line: string;
  /** What is asked for again and again: `request`. */
  readonly unit: string;
  /** By its name, the one that all are compared with, and what it is called in the table. */
  readonly base: string;
  readonly baseLabel: string;
}

const figures = ['p50Ms', 'p99Ms', 'serverMicros', 'databaseMicros'] as const;

/** The median of a figure over a course's rounds. */
export const medianOf = ({ rounds }: Pick<LoadCourse, 'rounds'>, figure: keyof MeasuredLoad) =>
  median(rounds.map((round) => Number(round[figure])));

/** One line a course, medians of its rounds, and how many requests it answered compared with the base, where that was measured. */
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
