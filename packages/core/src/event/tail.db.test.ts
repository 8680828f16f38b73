import type { Database, Sql } from '@muster/db';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { brief, createFollowing, takeChanges } from '../../testing/following.ts';
import { enabledSupervisor, newDomain, openReplica, publish, useTestCore } from '../../testing/testCore.ts';
import { disableSupervisor, enableSupervisor } from '../supervisor/enable.ts';
import { readLogBounds } from './sql/readLogBounds.ts';

const t = useTestCore({
  // Only NOTIFY wakes the tail here: what passes these tests doesn't pass by polling.
  settings: { eventPollMs: 1_000_000, subscriptionBufferEvents: 5_000 },
  database: { onQuery: (text) => statements.push(text) },
});
let following: ReturnType<typeof createFollowing>;
let statements: string[] = [];
beforeAll(async () => {
  following = createFollowing(t);
});
afterEach(async () => {
  await following.closeAll();
  expect(t.core.hub.openQueues).toBe(0);
});

const hostname = 'host-1';

describe('E4: what following costs', () => {
  const tailQueries = () => statements.filter((text) => text.includes('FROM events e WHERE e.seq >')).length;

  /** A replica whose wake-ups are counted, as its tail queries are. */
  async function openCounted() {
    const counts = { wakeUps: 0, queries: 0 };
    const countedSql = ({ query }: Sql): Sql => ({
      query: (statement, values) => {
        counts.queries += 1;
        return query(statement, values);
      },
    });
    const counted: Database = {
      ...t.db,
      sql: countedSql(t.db.sql),
      shortSql: countedSql(t.db.shortSql),
      logSql: countedSql(t.db.logSql),
      listen: (channel, onWake) =>
        t.db.listen(channel, () => {
          counts.wakeUps += 1;
          onWake();
        }),
    };
    const replica = await openReplica(counted, { settings: { eventPollMs: 1_000_000 } });
    return {
      ...replica,
      counts,
      /** Counts from here on; a read that is under way belongs to what was before. */
      reset: async () => {
        await replica.core.hub.tail.catchUp();
        counts.wakeUps = 0;
        counts.queries = 0;
      },
    };
  }

  test('many subscribers take one tail query a wake-up between them, and while nothing happens none', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const { core, counts, reset, close } = await openCounted();
    const streams = await Promise.all(Array.from({ length: 50 }, () => following.follow(domain, {}, core)));
    await reset();
    await following.toggle(id, 1);
    const taken = await Promise.all(streams.map((changes) => takeChanges(changes, 1)));
    expect(taken.flat().map(brief)).toEqual(Array.from({ length: 50 }, () => 'ENABLED>DISABLED'));
    expect(counts.wakeUps).toBeGreaterThan(0);
    // That of an earlier commit may come late, which is why they are counted.
    expect(counts.queries).toBeLessThanOrEqual(counts.wakeUps);
    await close();
  });

  test('one transaction is one wake-up, however many events it writes', async () => {
    const domain = newDomain();
    const { id } = await enabledSupervisor(t, domain, { hostname });
    const { core, counts, reset, close } = await openCounted();
    const changes = await following.follow(domain, {}, core);
    await reset();
    await following.toggle(id, 100);
    expect(await takeChanges(changes, 100)).toHaveLength(100);
    // Two more would be late wake-ups of the two commits above.
    expect(counts.wakeUps).toBeLessThanOrEqual(3);
    expect(counts.queries).toBeLessThanOrEqual(counts.wakeUps);
    await close();
  });

  test('who asks the tail to catch up at the same time shares the one query after the one that is under way', async () => {
    await t.core.hub.tail.catchUp();
    statements = [];
    await Promise.all(Array.from({ length: 100 }, () => t.core.hub.tail.catchUp()));
    // One more where the wake-up of an earlier commit comes late.
    expect(tailQueries()).toBeLessThanOrEqual(3);
  });

  test('catching up counts what was committed before it was asked, even while a read is under way', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname });
    for (let i = 0; i < 20; i++) {
      void t.core.hub.tail.catchUp();
      await (i % 2 === 0 ? disableSupervisor : enableSupervisor)(t.core, domain.operator, { supervisorId });
      void t.core.hub.tail.catchUp();
      const { headSeq } = await readLogBounds(t.db.sql);
      expect(await t.core.hub.tail.catchUp()).toBeGreaterThanOrEqual(headSeq);
      expect(t.core.hub.tail.position).toBeGreaterThanOrEqual(headSeq);
    }
  });

  test('a subscription without a cursor begins at the log’s end, even where the tail has not read so far', async () => {
    const domain = newDomain();
    const { id: supervisorId } = await enabledSupervisor(t, domain, { hostname });
    // Without wake-ups this replica's tail reads only when it is asked.
    const deaf: Database = { ...t.db, listen: async () => async () => {} };
    const replica = await openReplica(deaf, { settings: { eventPollMs: 1_000_000 } });
    await disableSupervisor(t.core, domain.operator, { supervisorId });
    const changes = await following.follow(domain, {}, replica.core);
    await enableSupervisor(t.core, domain.operator, { supervisorId });
    await replica.core.hub.tail.catchUp();
    expect((await takeChanges(changes, 1)).map(brief)).toEqual(['DISABLED>ENABLED']);
    await replica.close();
  });

  test('a lost wake-up delays a change until the next poll, and no longer', async () => {
    const domain = newDomain();
    const deaf: Database = { ...t.db, listen: async () => async () => {} };
    const replica = await openReplica(deaf, { settings: { eventPollMs: 10 } });
    const changes = await following.follow(domain, {}, replica.core);
    await publish(t, domain, { hostname });
    expect((await takeChanges(changes, 1)).map(brief)).toEqual(['NONE>PENDING']);
    await replica.close();
  });
});
