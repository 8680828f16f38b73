import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createKeepAlive, type KeepAlive, type Peer, pingIntervalMs } from './keepAlive.ts';

/** A peer that counts its pings, and that answers them or doesn't. */
class FakePeer implements Peer {
  pings = 0;
  terminated = false;
  readonly #answers: boolean;

  constructor(answers: boolean) {
    this.#answers = answers;
  }

  ping(): void {
    this.pings += 1;
    if (this.#answers) pings.answered(this);
  }

  terminate(): void {
    this.terminated = true;
    pings.closed(this);
  }
}

let pings: KeepAlive;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  pings = createKeepAlive();
});
afterEach(() => {
  pings.stop();
  vi.useRealTimers();
});

function opened(count: number, { answers }: { answers: boolean }): FakePeer[] {
  const peers = Array.from({ length: count }, () => new FakePeer(answers));
  for (const peer of peers) pings.opened(peer);
  return peers;
}

describe('a peer', () => {
  test('that answers is pinged once an interval, for as long as it is there', () => {
    const [peer] = opened(1, { answers: true });
    vi.advanceTimersByTime(5 * pingIntervalMs);
    expect(peer).toMatchObject({ pings: 5, terminated: false });
  });

  test('that has not answered a ping by the time of the next is cut off, and no other with it', () => {
    const [dead] = opened(1, { answers: false });
    const living = opened(50, { answers: true });
    vi.advanceTimersByTime(pingIntervalMs);
    expect(dead).toMatchObject({ pings: 1, terminated: false });
    vi.advanceTimersByTime(pingIntervalMs);
    expect(dead).toMatchObject({ pings: 1, terminated: true });
    expect(living.filter(({ terminated }) => terminated)).toEqual([]);
  });

  test('that has just come is not pinged for some time', () => {
    vi.advanceTimersByTime(pingIntervalMs / 3);
    const peers = opened(50, { answers: true });
    vi.advanceTimersByTime(pingIntervalMs / 3);
    expect(peers.filter(({ pings }) => pings > 0)).toEqual([]);
  });

  test('that has closed is pinged no more', () => {
    const [peer] = opened(1, { answers: true });
    vi.advanceTimersByTime(pingIntervalMs);
    if (peer) pings.closed(peer);
    vi.advanceTimersByTime(5 * pingIntervalMs);
    expect(peer).toMatchObject({ pings: 1 });
  });
});

test('many peers are pinged in small parts over the interval, also once most of them have gone', () => {
  const peers = opened(1_000, { answers: true });
  for (const peer of peers.splice(0, 900)) pings.closed(peer);
  peers.push(...opened(900, { answers: true }));
  const total = () => peers.reduce((sum, peer) => sum + peer.pings, 0);
  let most = 0;
  for (let elapsed = 0, before = 0; elapsed < pingIntervalMs; elapsed += 100, before = total()) {
    vi.advanceTimersByTime(100);
    most = Math.max(most, total() - before);
  }
  expect(total()).toBe(1_000);
  expect(most).toBeLessThan(100);
});

test('once it is stopped, nobody is pinged', () => {
  const [peer] = opened(1, { answers: true });
  pings.stop();
  vi.advanceTimersByTime(5 * pingIntervalMs);
  expect(peer).toMatchObject({ pings: 0 });
});
