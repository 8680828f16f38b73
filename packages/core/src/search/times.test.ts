import { expect, test } from 'vitest';
import { parseIsoTime, parseRelativeTime } from './times.ts';

/** A Thursday. */
const now = new Date('2026-01-15T10:20:30.400Z');

test.each([
  ['now', '2026-01-15T10:20:30.400Z'],
  ['now/d', '2026-01-15T00:00:00.000Z'],
  ['now/w', '2026-01-12T00:00:00.000Z'],
  ['now/m', '2026-01-01T00:00:00.000Z'],
  ['now-1s', '2026-01-15T10:20:29.400Z'],
  ['now+2m', '2026-01-15T10:22:30.400Z'],
  ['now/d - 3h', '2026-01-14T21:00:00.000Z'],
  ['now/m+1d', '2026-01-02T00:00:00.000Z'],
  ['now/w-1w', '2026-01-05T00:00:00.000Z'],
])('%s is %s on a Thursday', (text, expected) => {
  expect(parseRelativeTime(text, now)?.toISOString()).toBe(expected);
});

test('a week begins on Monday, also on a Sunday and on a Monday', () => {
  expect(parseRelativeTime('now/w', new Date('2026-01-18T23:59:59Z'))?.toISOString()).toBe('2026-01-12T00:00:00.000Z');
  expect(parseRelativeTime('now/w', new Date('2026-01-12T00:00:00Z'))?.toISOString()).toBe('2026-01-12T00:00:00.000Z');
});

test.each(['', 'today', 'now/y', 'now-1', 'now-1y', 'now 1d', 'now--1d', 'now-999999999w'])(
  '%j is no relative time',
  (text) => {
    expect(parseRelativeTime(text, now)).toBeUndefined();
  },
);

test.each([
  ['2026-01-31', '2026-01-31T00:00:00.000Z'],
  ['2026-01-31T12:30', '2026-01-31T12:30:00.000Z'],
  ['2026-01-31T12:30:15', '2026-01-31T12:30:15.000Z'],
  ['2026-01-31 12:30:15.25Z', '2026-01-31T12:30:15.250Z'],
  ['2026-01-31T12:30:15+02:00', '2026-01-31T10:30:15.000Z'],
  ['2026-01-31T12:30:15-0130', '2026-01-31T14:00:15.000Z'],
  ['2026-01-31T12:30:15+02', '2026-01-31T10:30:15.000Z'],
])('%s is %s', (text, expected) => {
  expect(parseIsoTime(text)?.toISOString()).toBe(expected);
});

test.each([
  '',
  '2026',
  '2026-13-01',
  '2026-02-30',
  '2026-01-31T25:00',
  '2026-01-31T12:30:15X',
  '0000-01-01',
  '1700000000',
])('%j is no time', (text) => {
  expect(parseIsoTime(text)).toBeUndefined();
});
