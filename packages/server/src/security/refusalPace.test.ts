import type { Viewer } from '@muster/core';
import { GraphQLError } from 'graphql';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Connection } from './connection.ts';
import { createRefusalPace } from './refusalPace.ts';

const refusal = new GraphQLError('too many', { extensions: { code: 'RATE_LIMITED' } });
const staying = { onGone: () => () => {} };

const viewerOf = (id: string): Viewer => ({
  subject: id,
  role: 'VIEWER',
  domainId: 'd',
  credential: { id, keyId: null, expiresAtMs: null },
});

function clientAt(text: string) {
  const connection = new Connection({
    socket: null,
    address: { text, key: text },
    isProxy: false,

    onSettled: () => {},
  });
  return { connection, forwardedFor: undefined };
}

function open() {
  let nowMs = 5_000;
  let spread = 0;
  // Evenly spread, in place of chance.
  const random = () => (spread++ % 10) / 10;
  const pace = createRefusalPace({ addressOf: ({ connection }) => connection.address }, () => nowMs, random);
  return {
    pace,
    pass: (ms: number) => {
      nowMs += ms;
    },
    /** Refuses so often at one moment. @returns how many of the refusals are held back */
    refuse: (times: number, of: Parameters<typeof pace.hold>[1]) => {
      const held = Array.from({ length: times }, () => pace.hold(refusal, of, staying));
      return held.filter((each) => each !== undefined).length;
    },
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('W7: refusals of a client that goes on though it is refused are held back', () => {
  test('past 200 at once, and 200 more each second', () => {
    const { refuse, pass } = open();
    expect(refuse(200, viewerOf('a'))).toBe(0);
    expect(refuse(3, viewerOf('a'))).toBe(3);
    pass(1_000);
    expect(refuse(250, viewerOf('a'))).toBe(250 - 197);
  });

  test('another credential, and another address, are answered at once', () => {
    const { refuse } = open();
    expect(refuse(201, viewerOf('a'))).toBe(1);
    expect(refuse(201, clientAt('192.0.2.1'))).toBe(1);
    expect([refuse(1, viewerOf('b')), refuse(1, clientAt('192.0.2.2'))]).toEqual([0, 0]);
  });

  test('no refusal for another reason is held back', () => {
    const { pace, refuse } = open();
    refuse(200, viewerOf('a'));
    const forbidden = new GraphQLError('not you', { extensions: { code: 'FORBIDDEN' } });
    expect(pace.hold(forbidden, viewerOf('a'), staying)).toBeUndefined();
  });

  test('one after another, and none for more than 5 s', async () => {
    const { pace, refuse } = open();
    refuse(200, viewerOf('a'));
    const sent: number[] = [];
    const held = Array.from({ length: 1_200 }, async (_, index) => {
      await pace.hold(refusal, viewerOf('a'), staying);
      sent.push(index);
    });
    await vi.advanceTimersByTimeAsync(4);
    expect(sent).toEqual([]);
    await vi.advanceTimersByTimeAsync(6);
    expect(sent).toEqual([0, 1]);
    await vi.advanceTimersByTimeAsync(4_990);
    expect(sent).toHaveLength(1_200);
    await Promise.all(held);
  });

  test('those past the longest time are not sent all at once', async () => {
    const { pace, refuse } = open();
    refuse(1_200, viewerOf('a'));
    let sent = 0;
    const held = Array.from({ length: 1_000 }, async () => {
      await pace.hold(refusal, viewerOf('a'), staying);
      sent += 1;
    });
    const eachTenth: number[] = [];
    for (let ms = 1_000; ms <= 5_000; ms += 400) {
      const before = sent;
      await vi.advanceTimersByTimeAsync(ms === 1_000 ? 1_000 : 400);
      eachTenth.push(sent - before);
    }
    expect(eachTenth).toEqual([0, ...Array(10).fill(100)]);
    await Promise.all(held);
  });

  test('until its client goes', async () => {
    const { pace, refuse } = open();
    refuse(200, viewerOf('a'));
    let leave = () => {};
    const held = pace.hold(refusal, viewerOf('a'), {
      onGone: (listener) => {
        leave = listener;
        return () => {};
      },
    });
    leave();
    await held;
    expect(vi.getTimerCount()).toBe(0);
  });
});
