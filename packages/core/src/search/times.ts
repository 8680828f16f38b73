import { isStorableTime } from '../base/validate.ts';

const secondMs = 1_000;
const dayMs = 86_400 * secondMs;
const unitsMs: Readonly<Record<string, number>> = { s: secondMs, m: 60_000, h: 3_600_000, d: dayMs, w: 7 * dayMs };

/** The words for a time in ISO 8601, for refusals. */
export const isoTime = 'a time in ISO 8601, such as 2026-01-31T12:00:00Z';
/** The words for a relative time, for refusals. */
export const relativeTime = 'now, now/d, now/w or now/m, then + or - and a number of s, m, h, d or w, such as now/d-1d';

/** Parses a time in ISO 8601, in UTC where the text names no offset; undefined for another text. */
export function parseIsoTime(text: string): Date | undefined {
  const [, date, time = 'T00:00', zone = 'Z'] =
    /^(\d{4}-\d\d-\d\d)(?:([T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)(Z|[+-]\d\d(?::?\d\d)?)?)?$/i.exec(text) ?? [];
  if (date === undefined) return undefined;
  // `Date` takes the 31st of a month of 30 days for the 1st of the next.
  if (new Date(`${date}T00:00Z`).getUTCDate() !== Number(date.slice(8))) return undefined;
  const offset = zone.length === 3 ? `${zone}:00` : zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone;
  const read = new Date(`${date}T${time.slice(1).replace(',', '.')}${offset.toUpperCase()}`);
  return isStorableTime(read) ? read : undefined;
}

/** Parses a time relative to `now`; undefined for another text. Days, weeks (from Monday) and months begin in UTC. */
export function parseRelativeTime(text: string, now: Date): Date | undefined {
  const [whole, start, sign, count = '0', unit = 's'] =
    /^\s*now(?:\/([dwm]))?\s*(?:([+-])\s*(\d{1,9})([smhdw]))?\s*$/.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const shift = Number(count) * (unitsMs[unit] ?? 0);
  const read = new Date(startOf(now, start) + (sign === '-' ? -shift : shift));
  return isStorableTime(read) ? read : undefined;
}

function startOf(now: Date, unit: string | undefined): number {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  switch (unit) {
    case 'd':
      return Date.UTC(year, month, day);
    case 'w':
      return Date.UTC(year, month, day - ((now.getUTCDay() + 6) % 7));
    case 'm':
      return Date.UTC(year, month, 1);
    default:
      return now.getTime();
  }
}

/** The SQL of a time as the wire writes it. */
export const wireTimeSql = (sql: string) => `to_char(${sql} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
