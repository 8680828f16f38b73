import { afterEach, beforeEach, expect, test } from 'vitest';
import { newDomain, openTestCore, publish, refusalOf, type TestCore } from '../../testing/testCore.ts';
import { listEvents } from './read.ts';
import { supervisorStates } from './stateChanges.ts';
import { trimHistory } from './trim.ts';

const day = 86_400_000;

let t: TestCore;
beforeEach(async () => {
  t = await openTestCore();
});
afterEach(() => t.close());

test('E3: history is kept for the retention and no longer, and who would resume in what is gone is told from where', async () => {
  const own = newDomain();
  await publish(t, own, { hostname: 'first' });
  await publish(t, own, { hostname: 'second' });
  const before = await listEvents(t.core, own.viewer, {});
  const first = before.edges[0]?.cursor ?? '';
  const last = before.edges[1]?.cursor ?? '';

  t.advance(7 * day - 60_000);
  expect(await trimHistory(t.core)).toBe(0);
  t.advance(120_000);
  expect(await trimHistory(t.core)).toBe(1);

  expect((await listEvents(t.core, own.viewer, {})).edges).toEqual([]);
  expect(await refusalOf(supervisorStates(t.core, own.viewer, { after: first }))).toMatchObject({
    code: 'CURSOR_EXPIRED',
    details: { oldestCursor: last },
  });
  // The last event that went is where history begins: after it, nothing is missing.
  expect((await supervisorStates(t.core, own.viewer, { after: last })).start).not.toBeNull();
});

test('E3: two replicas that trim at once drop every old partition once', async () => {
  const own = newDomain();
  for (let i = 0; i < 5; i++) await publish(t, own, { hostname: `host-${i}` });
  t.advance(8 * day);
  const trimmed = await Promise.all([trimHistory(t.core), trimHistory(t.core)]);
  expect(trimmed[0] + trimmed[1]).toBe(1);
});
