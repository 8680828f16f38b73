import { medianOf } from '../load/seriesTable.ts';
import { formatSize, type MeasuredSize } from '../load/serverBench.ts';
import { formatFigure, formatTable } from '../table.ts';
import type { Way } from './ways.ts';
import { workloads } from './workloads.ts';

/** Formats how the median latency grows from the smallest number of supervisors to each larger one, as tables. */
export function formatGrowth(sizes: readonly MeasuredSize<Way>[]): string[] {
  const [fewest, ...others] = sizes.toSorted((a, b) => a.supervisors - b.supervisors);
  if (!fewest) return [];
  return others.map((more) => {
    const rows = (fewest.courses[0] ?? []).map(({ way }, line) => [
      way.label,
      ...workloads.map((_, index) => formatFigure(p50(more, index, line) / p50(fewest, index, line))),
    ]);
    const from = fewest.supervisors.toLocaleString('en-US');
    return `p50 with ${formatSize(more.supervisors)}, as a multiple of that with ${from}\n${formatTable(['server', ...workloads.map(({ name }) => name)], rows)}`;
  });
}

function p50({ courses }: MeasuredSize<Way>, workload: number, line: number): number {
  const course = courses[workload]?.[line];
  return course ? medianOf(course, 'p50Ms') : Number.NaN;
}
