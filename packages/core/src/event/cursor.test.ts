import { describe, expect, test } from 'vitest';
import { refusalOf } from '../../testing/refusal.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';

const log = {
  logId: '0123456789ab',
  epoch: '3-89abcdef',
  pastEpochs: [
    { epoch: '1', through: 12 },
    { epoch: '2-01234567', through: 16 },
  ],
  trimmedThrough: 10,
  headSeq: 20,
};
const textOf = (decoded: string) => Buffer.from(decoded).toString('base64url');

test('E3, O5: a cursor within the log names its place, and is the same whenever it is told', () => {
  const epochs = { 10: '1', 12: '1', 13: '2-01234567', 16: '2-01234567', 17: '3-89abcdef', 20: '3-89abcdef' };
  for (const [seq, epoch] of Object.entries(epochs)) {
    expect(decodeCursor(encodeCursor(log, Number(seq)), log)).toEqual({ epoch, seq: Number(seq) });
  }
  const earlier = { ...log, epoch: '2-01234567', pastEpochs: log.pastEpochs.slice(0, 1) };
  expect(encodeCursor(earlier, 15)).toBe(encodeCursor(log, 15));
});

test('a cursor is fit for a URL, and says nothing readable', () => {
  expect(encodeCursor(log, 9_007_199_254)).toMatch(/^[A-Za-z0-9_-]+$/);
});

test('O5: a cursor of the format without epochs is read as one of the first epoch', async () => {
  expect(decodeCursor(textOf('0123456789ab.12'), log)).toEqual({ epoch: '1', seq: 12 });
  expect(await refusalOf(() => decodeCursor(textOf('0123456789ab.13'), log))).toMatchObject({ code: 'CURSOR_EXPIRED' });
});

describe('E3: CURSOR_EXPIRED, with the oldest cursor that works', () => {
  const lost = { ...log, epoch: '2-fedcba98', pastEpochs: log.pastEpochs.slice(0, 1) };
  test.each([
    ['of a time whose events may be gone', encodeCursor(log, 9)],
    ['from beyond the log’s end', encodeCursor(log, 21)],
    ['of another log', encodeCursor({ ...log, logId: 'ba9876543210' }, 15)],
    ['of an epoch that was lost, with the number of one that wasn’t', encodeCursor(lost, 15)],
    ['of an epoch, from beyond its end', textOf(`v2.${log.logId}.1.13`)],
  ])('%s', async (_, cursor) => {
    const refusal = await refusalOf(() => decodeCursor(cursor, log));
    expect(refusal.code).toBe('CURSOR_EXPIRED');
    expect(decodeCursor(String(refusal.details.oldestCursor), log).seq).toBe(10);
  });
});

test.each([
  '',
  'x',
  'event-5',
  encodeCursor({ ...log, logId: 'xyz' }, 1),
  encodeCursor(log, -1),
  encodeCursor(log, 1e21),
  textOf('v3.0123456789ab.1.12'),
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
