import { beforeEach, describe, expect, test } from 'vitest';
import { BodyBytes } from './bodyBytes.ts';

const kib = 1_024;
let bodies: BodyBytes;
beforeEach(() => {
  bodies = new BodyBytes({ totalBytes: 1_024 * kib, clientBytes: 512 * kib });
});
const refusal = expect.objectContaining({ code: 'RATE_LIMITED', details: { retryAfterMs: 1_000 } });

describe('W9: bodies under way', () => {
  test('are bounded for one client, however many there are', () => {
    const first = bodies.open('a');
    first.add(300 * kib);
    const second = bodies.open('a');
    second.add(212 * kib);
    expect(() => second.add(1)).toThrow(refusal);
    first.end();
    second.add(1);
    expect(bodies.bytes).toBe(212 * kib + 1);
  });

  test('are bounded together, and a client with little under way is never refused for others', () => {
    for (const client of ['a', 'b']) bodies.open(client).add(512 * kib);
    const small = bodies.open('c');
    small.add(256 * kib);
    expect(() => small.add(1)).toThrow(refusal);
    expect(bodies.bytes).toBe(1_280 * kib);
  });

  test('count no more once they have ended', () => {
    const body = bodies.open('a');
    body.add(10);
    body.end();
    body.end();
    expect(bodies.bytes).toBe(0);
  });
});
