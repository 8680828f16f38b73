import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../testing/refusal.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const log = { logId: '0123456789ab', trimmedThrough: 10, headSeq: 20 };

test('E3: a cursor within the log names its place', () => {
  for (const seq of [10, 15, 20]) expect(decodeCursor(encodeCursor(log.logId, seq), log)).toBe(seq);
});

test('a cursor is fit for a URL, and says nothing readable', () => {
  expect(encodeCursor(log.logId, 9_007_199_254)).toMatch(/^[A-Za-z0-9_-]+$/);
});

describe('E3: CURSOR_EXPIRED, with the oldest cursor that works', () => {
  test.each([
    ['of a time whose events may be gone', encodeCursor(log.logId, 9)],
    ['of a log that has since been put back', encodeCursor(log.logId, 21)],
    ['of another log', encodeCursor('ba9876543210', 15)],
  ])('%s', async (_, cursor) => {
    const refusal = await refusalOf(() => decodeCursor(cursor, log));
    expect(refusal.code).toBe('CURSOR_EXPIRED');
    expect(decodeCursor(String(refusal.details.oldestCursor), log)).toBe(10);
  });
});

test.each([
  '',
  'x',
  'event-5',
  encodeCursor('xyz', 1),
  encodeCursor(log.logId, -1),
  encodeCursor(log.logId, 1e21),
  '\0',
])('BAD_USER_INPUT, with its path, for %j, which is no cursor', async (text) => {
  const refusal = await refusalOf(() => decodeCursor(text, log, ['before']));
  expect(refusal.code).toBe('BAD_USER_INPUT');
  expect(refusal.details.path).toEqual(['before']);
  expect(refusal.message).toContain(JSON.stringify(text));
});

test('a long text that is no cursor is not sent back whole', async () => {
  const refusal = await refusalOf(() => decodeCursor('x'.repeat(10_000), log));
  expect(refusal.message.length).toBeLessThan(200);
});
