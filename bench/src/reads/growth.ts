import type { MeasuredLoad } from '../load/measuredLoad.ts';
import { medianOf } from '../load/seriesTable.ts';
import type { Course } from '../sideBySide.ts';
import { formatFigure, formatTable } from '../table.ts';
import type { Way } from './ways.ts';
import { workloads } from './workloads.ts';

/** What was measured of each workload, in their order. */
export type WorkloadCourses = readonly (readonly Course<Way, MeasuredLoad>[])[];

/** What was measured with one number of supervisors. */
export interface MeasuredSize {
  readonly supervisors: number;
  readonly courses: WorkloadCourses;
}

/** How much longer, at the median, requests take among more supervisors than among the fewest; nothing of one size alone. */
export function formatGrowth(sizes: readonly MeasuredSize[]): string[] {
  const [fewest, ...others] = sizes.toSorted((a, b) => a.supervisors - b.supervisors);
  if (!fewest) return [];
  return others.map((more) => {
    const rows = (fewest.courses[0] ?? []).map(({ way }, line) => [
      way.label,
      ...workloads.map((_, place) => formatFigure(p50(more, place, line) / p50(fewest, place, line))),
    ]);
    const [from, to] = [fewest, more].map(({ supervisors }) => supervisors.toLocaleString('en-US'));
    return `p50 with ${to} supervisors, as a multiple of that with ${from}\n${formatTable(['server', ...workloads.map(({ name }) => name)], rows)}`;
  });
}

function p50({ courses }: MeasuredSize, workload: number, line: number): number {
  const course = courses[workload]?.[line];
  return course ? medianOf(course, 'p50Ms') : Number.NaN;
}
