import { describe, expect, test } from 'vitest';
import type { Viewer } from '../access/viewer.ts';
import { GuessLimit } from './guessLimit.ts';

const perMinute = 10;
const domainId = 'acme';
const host = (hostname: string) => ({ domainId, hostname });
const credential = (id: string): Viewer => ({
  subject: id,
  role: 'SUPERVISOR',
  domainId,
  credential: { id, keyId: id, expiresAtMs: null },
});
const [key, other] = [credential('key-a'), credential('key-b')];

function limitAt(clock: { nowMs: number }) {
  const limit = new GuessLimit(() => clock.nowMs, perMinute);
  const fail = (viewer: Viewer, hostname: string, times: number) => {
    for (let i = 0; i < times; i++) limit.failed(viewer, host(hostname));
  };
  const isRefused = (viewer: Viewer, hostname: string) => limit.refusalOf(viewer, host(hostname)) !== null;
  return { limit, fail, isRefused };
}

describe('S6: guesses are limited, before a hash is compared', () => {
  test('of one credential for one supervisor, until the minute is over', () => {
    const clock = { nowMs: 0 };
    const { limit, fail, isRefused } = limitAt(clock);
    fail(key, 'a', perMinute - 1);
    expect(isRefused(key, 'a')).toBe(false);
    fail(key, 'a', 1);
    clock.nowMs = 20_000;
    expect(limit.refusalOf(key, host('a'))).toMatchObject({
      code: 'RATE_LIMITED',
      subject: 'key-a',
      details: { retryAfterMs: 40_000 },
    });
    expect([isRefused(other, 'a'), isRefused(key, 'b')]).toEqual([false, false]);
    clock.nowMs = 60_000;
    expect(isRefused(key, 'a')).toBe(false);
  });

  test('even where the right secret came before', () => {
    const { limit, fail, isRefused } = limitAt({ nowMs: 0 });
    limit.succeeded(key, host('a'));
    fail(key, 'a', perMinute - 1);
    limit.succeeded(key, host('a'));
    fail(key, 'a', 1);
    expect(isRefused(key, 'a')).toBe(true);
  });

  test('of all credentials for one supervisor, but for who brought the right one last', () => {
    const { limit, fail, isRefused } = limitAt({ nowMs: 0 });
    const agent = credential('key-of-a');
    limit.succeeded(agent, host('a'));
    for (const id of ['key-1', 'key-2', 'key-3']) fail(credential(id), 'a', perMinute);
    expect(isRefused(credential('key-4'), 'a')).toBe(true);
    expect(isRefused(agent, 'a')).toBe(false);
  });

  test('of one credential for all supervisors: agents of a shared credential that are known go on', () => {
    const { limit, fail, isRefused } = limitAt({ nowMs: 0 });
    limit.succeeded(key, host('known'));
    for (let i = 0; i < 2 * perMinute; i++) fail(key, `guessed-${i}`, perMinute / 2);
    expect(isRefused(key, 'unknown')).toBe(true);
    expect(isRefused(key, 'known')).toBe(false);
    expect(isRefused(other, 'unknown')).toBe(false);
  });
});
