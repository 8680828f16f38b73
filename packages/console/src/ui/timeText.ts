import type { TimeZone } from '../app/preferences.ts';

const steps: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
  [1, 's'],
];

/** How far a time is from now, in its greatest unit: `3 min ago`, `in 2 h`, `just now`. */
export function relativeText(at: Date, now: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1_000);
  if (Math.abs(seconds) < 5) return 'just now';
  const length = durationText(Math.abs(seconds));
  return seconds > 0 ? `${length} ago` : `in ${length}`;
}

/** A length of time in its greatest unit, rounded down: `45 s`, `3 h`. */
export function durationText(seconds: number): string {
  const [length, unit] = steps.find(([each]) => seconds >= each) ?? [1, 's'];
  return `${Math.floor(seconds / length)} ${unit}`;
}

/** A time in full, with its zone: `2026-11-26 13:04:05 UTC`. @param zone the zone to show it in */
export function absoluteText(at: Date, zone: TimeZone): string {
  const shown = zone === 'utc' ? at : new Date(at.getTime() - at.getTimezoneOffset() * 60_000);
  const text = shown.toISOString().replace('T', ' ').slice(0, 19);
  return `${text} ${zone === 'utc' ? 'UTC' : offsetText(-at.getTimezoneOffset())}`;
}

/** The time of day alone: `13:04:05`. */
export function timeOfDayText(at: Date, zone: TimeZone): string {
  return absoluteText(at, zone).slice(11, 19);
}

function offsetText(minutes: number): string {
  const length = Math.abs(minutes);
  const two = (value: number) => String(value).padStart(2, '0');
  return `UTC${minutes < 0 ? '-' : '+'}${two(Math.floor(length / 60))}:${two(length % 60)}`;
}
