import { testDatabaseKind } from '@muster/db/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFollowing, takeChanges } from '../../testing/following.ts';
import {
  enabledSupervisor,
  newDomain,
  openTestCore,
  publish,
  type TestCore,
  type TestDomain,
} from '../../testing/testCore.ts';
import { listEvents } from './read.ts';
import { readLogBounds } from './sql/readLogBounds.ts';
import { trimHistory } from './trim.ts';

const day = 86_400_000;

let t: TestCore;
let domain: TestDomain;
let following: ReturnType<typeof createFollowing>;
beforeEach(async () => {
  t = await openTestCore();
  domain = newDomain();
  following = createFollowing(t);
});
afterEach(async () => {
  await following.closeAll();
  await t.close();
});

const firsts = async () =>
  (await t.db.sql.query<{ first: number }>('SELECT first FROM event_partitions() ORDER BY 1')).map(
    ({ first }) => first,
  );
/** Later partitions are for this number of events each; the next event goes to one of them. */
const makeSmall = async (events: number) => {
  await t.db.sql.query('UPDATE event_log SET partition_events = $1', [events]);
  await t.db.sql.query(`SELECT setval('events_seq', partitioned_before - 1) FROM event_log`);
};
const eventCount = async () => (await listEvents(t.core, domain.viewer, { first: 100 })).edges.length;

test('E1: an event for which no server has made a partition makes one', async () => {
  const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
  const changes = await following.follow(domain);
  const before = await firsts();
  await makeSmall(2);
  await following.toggle(id, 5);
  expect(await takeChanges(changes, 5)).toHaveLength(5);
  expect(await firsts()).toEqual([...before, 10_000_000, 10_000_002, 10_000_004]);
});

test('E3: partitions are made ahead of the events', async () => {
  const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
  await makeSmall(2);
  await trimHistory(t.core);
  await following.toggle(id, 3);
  await trimHistory(t.core);
  const made = await firsts();
  const { headSeq } = await readLogBounds(t.db.sql);
  expect(made.filter((first) => first > headSeq + 1)).toHaveLength(2);
  await following.toggle(id, 3);
  expect(await firsts()).toEqual(made);
});

test('E3: a log with few events is trimmed too: what is older than the retention and an eighth of it is gone', async () => {
  for (const hostname of ['a', 'b', 'c']) {
    await publish(t, domain, { hostname });
    t.advance(day);
    await trimHistory(t.core);
  }
  expect(await eventCount()).toBe(3);
  t.advance(4 * day + 1_000);
  await trimHistory(t.core);
  // The clock of the events stands still.
  expect(await eventCount()).toBe(0);
  expect((await readLogBounds(t.db.sql)).trimmedThrough).toBe((await readLogBounds(t.db.sql)).headSeq);
});

test('O5: epochs that ended before the kept history are forgotten', async () => {
  const restart = () => t.db.sql.query(`UPDATE event_log SET origin = 'an earlier run'`);
  for (const hostname of ['a', 'b', 'c']) {
    await publish(t, domain, { hostname });
    await restart();
  }
  const { pastEpochs } = await readLogBounds(t.db.sql);
  t.advance(8 * day);
  await trimHistory(t.core);
  const after = await readLogBounds(t.db.sql);
  expect(after.pastEpochs).toEqual(pastEpochs.filter(({ through }) => through >= after.trimmedThrough));
  expect(pastEpochs.length).toBeGreaterThan(after.pastEpochs.length);
});

test.runIf(testDatabaseKind() === 'postgresql')(
  'E3: a partition that somebody reads is not waited for, so that nobody waits behind it, and goes in a later round',
  async () => {
    const { id } = await enabledSupervisor(t, domain, { hostname: 'a' });
    t.advance(8 * day);
    await t.db.transaction(async (sql) => {
      await sql.query('SELECT count(*) FROM events');
      const trimming = trimHistory(t.core);
      // Others read and write all the while.
      const changes = await following.follow(domain);
      await following.toggle(id, 3);
      await takeChanges(changes, 3);
      expect(await trimming).toBe(0);
    });
    expect(await trimHistory(t.core)).toBeGreaterThan(0);
  },
);
