import { useComputed } from '@preact/signals';
import { useServices } from '../app/services.ts';
import { absoluteText, relativeText, timeOfDayText } from './timeText.ts';

interface TimeProps {
  /** RFC 3339; null for never. */
  readonly at: string | null | undefined;
  /** The words for null. Default: a dash. */
  readonly never?: string;
  /** How it is shown: how long ago, or in full. */
  readonly form?: 'relative' | 'absolute' | 'timeOfDay';
}

/** A time: relative, and in full on hover and focus (K7). */
export function Time({ at, never = '–', form = 'relative' }: TimeProps) {
  if (!at) return <span class="muted">{never}</span>;
  return <Known key={at} at={at} form={form} />;
}

function Known({ at, form }: { readonly at: string; readonly form: NonNullable<TimeProps['form']> }) {
  const { clock, preferences } = useServices();
  const date = new Date(at);
  // A signal as a child changes its text alone.
  const text = useComputed(() => {
    if (form === 'relative') return relativeText(date, clock.now.value);
    const zone = preferences.timeZone.value;
    return form === 'absolute' ? absoluteText(date, zone) : timeOfDayText(date, zone);
  });
  const full = absoluteText(date, preferences.timeZone.value);
  if (form === 'absolute') return <time dateTime={date.toISOString()}>{text}</time>;
  return (
    <time class="time" dateTime={date.toISOString()} title={full}>
      {text}
    </time>
  );
}
