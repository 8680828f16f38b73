import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { DomainError } from '../base/errors.ts';
import { createRights, type Rights } from './rights.ts';
import { openViewer, type Viewer } from './viewer.ts';

let rights: Rights;
beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  rights = createRights(Date.now);
});
afterEach(() => {
  rights.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const byKey = (keyId: string, expiresAtMs: number | null = null): Viewer => ({
  subject: keyId,
  role: 'VIEWER',
  domainId: 'd',
  credential: { id: keyId, keyId, expiresAtMs },
});

function hold(viewer: Viewer) {
  const ends: DomainError[] = [];
  const release = rights.watch(viewer, (why) => void ends.push(why));
  return { release, ends, codes: () => ends.map(({ code, message }) => `${code}: ${message}`) };
}

describe('E6: what goes on ends', () => {
  test('when the credential expires, and not before, however long that is', () => {
    const days = 86_400_000 * 60;
    const held = hold(byKey('key-1', 1_000_000 + days));
    vi.advanceTimersByTime(days - 1);
    expect(held.ends).toEqual([]);
    vi.advanceTimersByTime(2);
    expect(held.codes()).toEqual(['UNAUTHENTICATED: the credential has expired']);
  });

  test('at once by a credential that has expired', () => {
    const held = hold(byKey('key-1', 999_999));
    expect(held.codes()).toEqual(['UNAUTHENTICATED: the credential has expired']);
    held.release();
  });

  test('when its API key is revoked, all of that key’s and nobody else’s', () => {
    const [first, second, other] = [hold(byKey('key-1')), hold(byKey('key-1', 2_000_000)), hold(byKey('key-2'))];
    expect([...rights.keyIds]).toEqual(['key-1', 'key-2']);
    rights.revoke('key-1');
    for (const held of [first, second]) expect(held.codes()).toEqual(['UNAUTHENTICATED: the API key has been revoked']);
    expect(other.ends).toEqual([]);
    expect([...rights.keyIds]).toEqual(['key-2']);
  });

  test('A5: without a credential, once there is one to ask for', () => {
    const [open, keyed] = [hold(openViewer), hold(byKey('key-1'))];
    rights.closeOpen();
    expect(open.ends).toHaveLength(1);
    expect(keyed.ends).toEqual([]);
  });
});

test('what is over by itself is told nothing, and leaves nothing behind', () => {
  const [first, second] = [hold(byKey('key-1', 2_000_000)), hold(byKey('key-1', 2_000_000))];
  first.release();
  first.release();
  expect(vi.getTimerCount()).toBe(1);
  second.release();
  expect(vi.getTimerCount()).toBe(0);
  expect([...rights.keyIds]).toEqual([]);
  rights.revoke('key-1');
  expect([...first.ends, ...second.ends]).toEqual([]);
});
