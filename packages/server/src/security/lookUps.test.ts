import { DomainError } from '@muster/core';
import { expect, test } from 'vitest';
import { createAddressRate } from '../limits/addressRate.ts';
import { LookUps } from './lookUps.ts';

/** Look-ups of addresses that may have 20 failures, each of which ends when the test says so. */
function setUp(waitMs?: number) {
  const lookUps = new LookUps(
    createAddressRate({ burst: 20, perSecond: 20 / 60 }, () => 0),
    waitMs,
  );
  const begun: PromiseWithResolvers<string>[] = [];
  const outcomes: string[] = [];
  return {
    begun,
    outcomes,
    look: async (address = 'a') => {
      const lookUp = () => {
        const outcome = Promise.withResolvers<string>();
        begun.push(outcome);
        return outcome.promise;
      };
      await lookUps.run(address, lookUp).then(
        (found) => outcomes.push(found),
        (error: unknown) => outcomes.push(error instanceof DomainError ? error.code : String(error)),
      );
    },
  };
}

/** Until all that can go on without a look-up's end has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));
const failed = () => new DomainError('UNAUTHENTICATED', 'expected another');

test('W11: of 64 wrong credentials at once 20 are looked up, and the others are refused without a look-up', async () => {
  const { look, begun, outcomes } = setUp();
  const all = Promise.all(Array.from({ length: 64 }, () => look()));
  await settled();
  expect([begun.length, outcomes]).toEqual([20, []]);
  for (const { reject } of begun) reject(failed());
  await all;
  expect(begun).toHaveLength(20);
  expect(outcomes.toSorted()).toEqual([...Array(44).fill('RATE_LIMITED'), ...Array(20).fill('UNAUTHENTICATED')]);
});

test('of 64 valid ones at once none is refused: each that is let in makes room for one that waits', async () => {
  const { look, begun, outcomes } = setUp();
  const all = Promise.all(Array.from({ length: 64 }, () => look()));
  for (let i = 0; i < 64; i++) {
    await settled();
    expect(begun).toHaveLength(Math.min(64, 20 + i));
    begun[i]?.resolve('let in');
  }
  await all;
  expect(outcomes).toEqual(Array(64).fill('let in'));
});

test('those that wait go on once all but one of those ahead have failed, and that one has not', async () => {
  const { look, begun, outcomes } = setUp();
  const all = Promise.all(Array.from({ length: 23 }, () => look()));
  await settled();
  for (const { reject } of begun.slice(1)) reject(failed());
  await settled();
  expect(begun).toHaveLength(20);
  for (let i = 0; i < 4; i++) {
    begun[i === 0 ? 0 : 19 + i]?.resolve('let in');
    await settled();
  }
  await all;
  expect(outcomes.filter((outcome) => outcome === 'let in')).toHaveLength(4);
});

test('one that could not be looked up is no failure', async () => {
  const { look, begun, outcomes } = setUp();
  const all = Promise.all(Array.from({ length: 40 }, () => look()));
  await settled();
  for (const { reject } of begun) reject(new Error('away'));
  await settled();
  for (const { resolve } of begun.slice(20)) resolve('let in');
  await all;
  expect(outcomes).toEqual([...Array(20).fill('Error: away'), ...Array(20).fill('let in')]);
});

test('one that has waited for long is UNAVAILABLE, and takes no place of others', async () => {
  const { look, begun, outcomes } = setUp(1);
  const first = Promise.all(Array.from({ length: 20 }, () => look()));
  await look();
  expect(outcomes).toEqual(['UNAVAILABLE']);
  for (const { resolve } of begun) resolve('let in');
  await first;
  const next = look();
  begun[20]?.resolve('let in');
  await next;
  expect(outcomes).toEqual(['UNAVAILABLE', ...Array(21).fill('let in')]);
});

test('no address waits for another’s look-ups', async () => {
  const { look, begun } = setUp();
  for (let i = 0; i < 21; i++) void look('a');
  void look('b');
  await settled();
  expect(begun).toHaveLength(21);
  for (const { resolve } of begun) resolve('let in');
  await settled();
  begun.at(-1)?.resolve('let in');
});
