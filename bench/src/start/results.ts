import type { Course } from '../sideBySide.ts';
import { median } from '../statistics.ts';
import { formatFigure, formatTable } from '../table.ts';
import type { StartFigures } from './measure.ts';
import type { StartOptions } from './options.ts';
import { baseName } from './ways.ts';

/** The measured starts of a server. */
export type StartCourse = Course<{ readonly name: string; readonly label: string }, StartFigures>;

const header = [
  'server',
  'first answer ms (min..max)',
  'x Mercurius',
  'idle MB',
  'x Mercurius',
  'after the load MB',
  'x Mercurius',
];

/** Formats a line for each server: medians of its rounds, each with its ratio to that of Mercurius where that was measured. */
export function formatStarts(courses: readonly StartCourse[]): string {
  const base = courses.find(({ way }) => way.name === baseName);
  const rows = courses.map((course) => {
    const compared = (figure: keyof StartFigures) =>
      formatRatio(medianOf(course, figure) / (base ? medianOf(base, figure) : Number.NaN));
    const times = course.rounds.map(({ firstAnswerMs }) => firstAnswerMs);
    const range = `${formatFigure(Math.min(...times))}..${formatFigure(Math.max(...times))}`;
    return [
      course.way.label,
      `${formatFigure(median(times))} (${range})`,
      compared('firstAnswerMs'),
      formatFigure(medianOf(course, 'idleBytes') / 1e6),
      compared('idleBytes'),
      formatFigure(medianOf(course, 'loadedBytes') / 1e6),
      compared('loadedBytes'),
    ];
  });
  return formatTable(header, rows);
}

const medianOf = ({ rounds }: StartCourse, figure: keyof StartFigures) => median(rounds.map((round) => round[figure]));

const formatRatio = (ratio: number) => (Number.isFinite(ratio) ? ratio.toFixed(2) : '-');

/** Explains the figures, in words below the table. */
export function explanation({ rounds, seconds, connections, supervisors, plugins }: StartOptions): string {
  return [
    `Medians, rounds: ${rounds}; the servers alternate, each a new process, over ${supervisors.toLocaleString('en-US')} supervisors with ${plugins} plugins each.`,
    'First answer: from the start of the process until a list of 20 supervisors with their plugins has come. On PostgreSQL, the database has its tables;',
    'the first embedded start makes its database, which is empty: the list, too.',
    `Memory: resident (RSS). Idle: 3 s after the first answer. The load: ${connections} connections ask for lists, supervisors by id, statistics and nothing, ${seconds} s each.`,
    "Asked of Muster on a quiet machine: on PostgreSQL 1.5 s and 100 MB idle, embedded 3 s and 350 MB; after the load at most 1.2 times Mercurius' memory.",
  ].join('\n');
}
