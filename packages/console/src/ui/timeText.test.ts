import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { absoluteText, relativeText } from './timeText.ts';

const now = new Date('2026-11-26T13:00:00Z');
const after = (seconds: number) => new Date(now.getTime() + seconds * 1_000);

describe('K7: times', () => {
  test.each([
    [0, 'just now'],
    [-4, 'just now'],
    [-5, '5 s ago'],
    [-59, '59 s ago'],
    [-60, '1 min ago'],
    [-3_599, '59 min ago'],
    [-7_200, '2 h ago'],
    [-86_400 * 3, '3 d ago'],
    [90, 'in 1 min'],
  ])('%i seconds from now: %s', (seconds, text) => {
    expect(relativeText(after(seconds), now)).toBe(text);
  });

  test('in full, in UTC, a time is what it is', () => {
    expect(absoluteText(now, 'utc')).toBe('2026-11-26 13:00:00 UTC');
  });

  test('in full, in the zone of the place, it is the same moment', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('1980-01-01'), max: new Date('2100-01-01'), noInvalidDate: true }),
        (date) => {
          const at = new Date(Math.floor(date.getTime() / 1_000) * 1_000);
          const [, day, time, offset] = /^(\S+) (\S+) UTC([+-]\d\d:\d\d)$/.exec(absoluteText(at, 'local')) ?? [];
          expect(new Date(`${day}T${time}${offset}`)).toEqual(at);
        },
      ),
    );
  });
});
