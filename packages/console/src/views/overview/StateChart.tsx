import type { StateLook } from '../../ui/states.ts';
import { durationText } from '../../ui/timeText.ts';
import { historyMs, type Sample } from './stateHistory.ts';

interface StateChartProps {
  readonly samples: readonly Sample[];
  /** The states from the bottom up, and their looks. */
  readonly looks: Readonly<Record<string, StateLook>>;
  /** What is counted: `plugins`. */
  readonly what: string;
}

const width = 600;
const height = 96;
/** A history that has only begun takes not all of the width. */
const leastMs = 60_000;

/** How many objects were in each state: areas upon one another, the present at the right. */
export function StateChart({ samples, looks, what }: StateChartProps) {
  const end = samples.at(-1)?.at ?? 0;
  const windowMs = Math.min(historyMs, Math.max(leastMs, end - (samples[0]?.at ?? end)));
  const begin = end - windowMs;
  const states = Object.keys(looks).filter((state) => samples.some(({ counts }) => (counts[state] ?? 0) > 0));
  const totals = samples.map(({ counts }) => states.reduce((sum, state) => sum + (counts[state] ?? 0), 0));
  const most = Math.max(1, ...totals);
  const x = (at: number) => (Math.max(0, at - begin) / windowMs) * width;
  const y = (count: number) => height - (count / most) * height;
  const length = durationText(windowMs / 1_000);
  return (
    <figure class="chart">
      <svg
        viewBox={`0 0 ${width} ${height}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`The number of ${what} in each state over the last ${length}`}
      >
        {states.map((state, index) => {
          const below = (counts: Sample['counts']) =>
            states.slice(0, index).reduce((sum, each) => sum + (counts[each] ?? 0), 0);
          return (
            <path
              key={state}
              data-tone={looks[state]?.tone}
              d={areaOf(samples, end, (sample) => ({
                x: x(sample.at),
                bottom: y(below(sample.counts)),
                top: y(below(sample.counts) + (sample.counts[state] ?? 0)),
              }))}
            />
          );
        })}
      </svg>
      <figcaption>
        <span>{length} ago</span>
        <span>now</span>
      </figcaption>
    </figure>
  );
}

interface Edge {
  readonly x: number;
  readonly top: number;
  readonly bottom: number;
}

/** The outline of one area: steps along the top, and back along the bottom. */
function areaOf(samples: readonly Sample[], end: number, edgeOf: (sample: Sample) => Edge): string {
  const edges = samples.map((sample, index) => ({
    from: edgeOf(sample),
    to: edgeOf({ ...sample, at: samples[index + 1]?.at ?? end }).x,
  }));
  const point = (x: number, y: number) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const top = edges.flatMap(({ from, to }) => [point(from.x, from.top), point(to, from.top)]);
  const bottom = edges.toReversed().flatMap(({ from, to }) => [point(to, from.bottom), point(from.x, from.bottom)]);
  return top.length === 0 ? '' : `M${[...top, ...bottom].join('L')}Z`;
}
