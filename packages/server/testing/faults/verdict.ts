import type { Database } from '@muster/db';
import { vi } from 'vitest';
import { difference, expectationsOf } from './check.ts';
import type { Follower } from './follower.ts';
import { readCursors, readTruth } from './truth.ts';
import { report, type WrittenFleet } from './writer.ts';

/** The host whose report is the last: who has it has all before it. */
const sentinel = 'sentinel';
const patience = { interval: 50, timeout: 120_000 };

/** A change in each domain that every subscriber wants, tried until it is taken. */
export async function reportSentinel(url: string, fleet: WrittenFleet): Promise<void> {
  for (const domainId of fleet.domains) {
    const place = { domainId, hostname: sentinel };
    const publish = () => report(url, fleet, place, () => ({ state: 'ERROR', message: 'last' }));
    await vi.waitUntil(() => publish().catch(() => undefined), patience);
  }
}

/**
 * Waits until each follower has what concerns it of the log, up to the sentinel's report; what then differs, a text for
 * each follower that has received too little, too much, or in another order.
 */
export async function differencesAtEnd(
  db: Database,
  url: string,
  fleet: WrittenFleet,
  followers: readonly Follower[],
): Promise<string[]> {
  const events = await readTruth(db);
  const cursors = await readCursors(url);
  const sentinels = new Set(fleet.domains.map((domainId) => fleet.supervisorIds.get(`${domainId}/${sentinel}`)));
  // A sweep may still have made a change after the sentinel's.
  const truth = events.slice(0, events.findLastIndex(({ supervisorId }) => sentinels.has(supervisorId)) + 1);
  const history = { events: truth, cursors };
  const expected = followers.map((follower) => expectationsOf(follower.interest, follower, history) ?? []);
  const waitsFor = (follower: Follower, index: number) => {
    const last = expected[index]?.at(-1)?.cursor;
    return !follower.received.some(({ cursor }) => cursor === last);
  };
  await vi.waitUntil(() => !followers.some(waitsFor), patience).catch(() => {});
  return followers.flatMap((follower, index) => {
    const due = expected[index] ?? [];
    const lastAt = follower.received.findLastIndex(({ cursor }) => cursor === due.at(-1)?.cursor);
    const told = lastAt < 0 ? follower.received : follower.received.slice(0, lastAt + 1);
    const differs = difference(due, told);
    return differs === null ? [] : [`${follower.interest.name}: ${differs}`];
  });
}
