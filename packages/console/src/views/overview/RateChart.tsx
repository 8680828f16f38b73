import { useServices } from '../../app/services.ts';
import { timeOfDayText } from '../../ui/timeText.ts';
import type { Minute } from './useEventRate.ts';

const height = 96;
const barWidth = 40;
const gap = 8;

/** The events of each minute as bars; the failures among them in the colour of failures. */
export function RateChart({ minutes }: { readonly minutes: readonly Minute[] }) {
  const { preferences } = useServices();
  const zone = preferences.timeZone.value;
  const most = Math.max(1, ...minutes.map(({ all }) => all));
  const sum = minutes.reduce((total, { all }) => total + all, 0);
  const failures = minutes.reduce((total, minute) => total + minute.failures, 0);
  const scaled = (count: number) => (count === 0 ? 0 : Math.max(1.5, (count / most) * height));
  const timeOf = (minute: Minute | undefined) => minute && timeOfDayText(new Date(minute.at), zone).slice(0, 5);
  return (
    <>
      <p class="total">
        {sum.toLocaleString('en-US')} <span class="total-beside">in 15 min</span>
      </p>
      <figure class="chart">
        <svg
          viewBox={`0 0 ${15 * (barWidth + gap) - gap} ${height}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={`${sum} changes in 15 minutes, ${failures} of them failures; at most ${most} in a minute`}
        >
          {minutes.map((minute, index) => (
            <g key={minute.at}>
              <title>{`${timeOf(minute)}: ${minute.all} changes, ${minute.failures} failures`}</title>
              <rect class="bar-back" x={index * (barWidth + gap)} y="0" width={barWidth} height={height} />
              <rect
                class="bar"
                x={index * (barWidth + gap)}
                y={height - scaled(minute.all)}
                width={barWidth}
                height={scaled(minute.all)}
              />
              <rect
                class="bar-bad"
                x={index * (barWidth + gap)}
                y={height - scaled(minute.failures)}
                width={barWidth}
                height={scaled(minute.failures)}
              />
            </g>
          ))}
        </svg>
        <figcaption>
          <span>{timeOf(minutes[0])}</span>
          <span>now</span>
        </figcaption>
      </figure>
    </>
  );
}
