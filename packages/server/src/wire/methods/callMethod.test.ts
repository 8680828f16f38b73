import type { Core, Viewer } from '@muster/core';
import { expect, test } from 'vitest';
import type { Admission } from '../../limits/admission.ts';
import { createLoopTurns } from '../../limits/loopTurns.ts';
import { createMethodCaller } from './callMethod.ts';
import type { Method } from './methods.ts';

const viewerOf = (id: string): Viewer => ({
  subject: id,
  role: 'VIEWER',
  domainId: 'd',
  credential: { id, keyId: null, expiresAtMs: null },
});

test('W3: calls that come all at once are begun in several turns of the event loop, and another credential’s goes in between', async () => {
  let nowMs = 0;
  let turn = 0;
  const begun: [who: string, turn: number][] = [];
  const admission = { run: (_operation: unknown, _caller: unknown, run: () => unknown) => run() };
  const method = {
    name: 'list',
    kind: 'query',
    cost: () => 1,
    // Each takes 2 ms of the 5 that a turn has.
    handle: async (_core: Core, viewer: Viewer) => {
      nowMs += 2;
      begun.push([viewer.subject, turn]);
      return {};
    },
  } as unknown as Method;
  const loopTurns = createLoopTurns({ now: () => nowMs });
  const call = createMethodCaller({} as Core, [], admission as unknown as Admission, loopTurns);
  const caller = { mayStart: () => undefined, timeoutMs: undefined, onGone: () => () => {} };
  const ask = (who: string) => call(method, viewerOf(who), {}, caller);

  let counting = setImmediate(function count() {
    turn += 1;
    counting = setImmediate(count);
  });
  await Promise.all([...Array.from({ length: 9 }, () => ask('greedy')), ask('other')]);
  clearImmediate(counting);

  expect(begun).toHaveLength(10);
  expect(new Set(begun.map(([, inTurn]) => inTurn)).size).toBeGreaterThan(2);
  expect(begun.findIndex(([who]) => who === 'other')).toBeLessThan(6);
});
