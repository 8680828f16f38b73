import { expect, test } from 'vitest';
import { keyLook } from './keyStates.ts';

const now = new Date('2026-11-26T12:00:00Z');
const key = { revokedAt: null, expiresAt: null, enrollment: null };
const enrollment = { maxNewcomers: 5, newcomers: 2, registers: false, labels: {}, keysExpireAt: null };

test.each([
  ['a key without an end', key, 'In force'],
  ['one that ends later', { ...key, expiresAt: '2026-11-26T12:00:01.000Z' }, 'In force'],
  ['one that ends now', { ...key, expiresAt: '2026-11-26T12:00:00.000Z' }, 'Expired'],
  [
    'one that was revoked before its end',
    { ...key, revokedAt: '2026-11-26T11:00:00.000Z', expiresAt: '2026-11-26T11:30:00.000Z' },
    'Revoked',
  ],
  ['an enrollment key with room', { ...key, enrollment }, 'In force'],
  ['one that has brought in as many as it may', { ...key, enrollment: { ...enrollment, newcomers: 5 } }, 'Used up'],
])('A7, A8: %s is shown as it is', (_name, row, word) => {
  expect(keyLook(row, now).word).toBe(word);
});
