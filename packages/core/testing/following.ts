import type { Change, SupervisorChange } from '../src/event/change.ts';
import { encodeCursor } from '../src/event/cursor.ts';
import type { Feed, Sequenced } from '../src/event/feed.ts';
import { readLogBounds } from '../src/event/sql/readLogBounds.ts';
import { type SubscribeInput, type SupervisorEventFilter, supervisorStates } from '../src/event/stateChanges.ts';
import { openStream } from '../src/event/stream.ts';
import type { TestCore, TestDomain } from './testCore.ts';

/** Subscriptions to changes of state, which `closeAll` ends. */
export function createFollowing(t: TestCore) {
  const opened: AsyncIterator<unknown>[] = [];
  async function open<Item extends Sequenced>(feed: Feed<Item>, core = t.core): Promise<AsyncIterableIterator<Item>> {
    const stream = await openStream(core, feed);
    opened.push(stream);
    return stream;
  }
  return {
    open,
    /** A subscription of the domain's viewer, by default to this core. */
    follow: async (
      domain: TestDomain,
      input: SubscribeInput<SupervisorEventFilter> = {},
      core = t.core,
    ): Promise<AsyncIterableIterator<SupervisorChange>> =>
      open(await supervisorStates(core, domain.viewer, input), core),
    /** The cursor of the newest event. */
    headCursor: async () => {
      const log = await readLogBounds(t.db.sql);
      return encodeCursor(log, log.headSeq);
    },
    /** Changes the supervisor's state this many times, in one transaction. */
    toggle: (supervisorId: string, times: number): Promise<void> =>
      t.db.transaction(async (sql) => {
        await sql.query(`SELECT set_config('test.id', $1, true), set_config('test.times', $2, true)`, [
          supervisorId,
          String(times),
        ]);
        await sql.query(`DO $$ BEGIN
          FOR i IN 1..current_setting('test.times')::int LOOP
            UPDATE supervisors SET state = CASE state WHEN 'ENABLED' THEN 'DISABLED' ELSE 'ENABLED' END::supervisor_state
            WHERE id = current_setting('test.id');
          END LOOP; END $$`);
      }),
    closeAll: async () => {
      for (const iterator of opened.splice(0)) await iterator.return?.();
    },
  };
}

/** The next `count` changes of a subscription. */
export async function takeChanges<T extends Change>(changes: AsyncIterator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const { value, done } = await changes.next();
    if (done) throw new Error(`expected ${count} changes; the stream ended after ${taken.length}`);
    taken.push(value);
  }
  return taken;
}

/** A change of state in short. */
export const brief = (change: Change) => `${change.from}>${change.to}`;
