import { expect, test } from 'vitest';
import type { Client } from '../data/client.ts';
import { type BulkDocument, hasMoved, runBulk } from './runBulk.ts';

type Input = { readonly filter: { readonly state: string } };
const document = 'mutation' as BulkDocument<Input>;
const item = (targetId: string, outcome: string, code: string | null = null) => ({
  targetId,
  outcome,
  code,
  message: code && `${code} of ${targetId}`,
});

test('K5: a change is run to its end with one filter, and its results are summed up', async () => {
  const pages = [
    { after: 'b', items: [item('a', 'CHANGED'), item('b', 'REFUSED', 'SUPERVISOR_STATE')] },
    { after: null, items: [item('c', 'REFUSED', 'SUPERVISOR_STATE'), item('d', 'UNCHANGED'), item('e', 'CHANGED')] },
  ];
  const inputs: unknown[] = [];
  const client = {
    request: async (_document: unknown, { input }: { input: unknown }) => {
      inputs.push(input);
      return { bulk: pages[inputs.length - 1] };
    },
  } as unknown as Client;
  const filter = { state: 'ENABLED' };
  const sums = await runBulk(client, document, { filter, dryRun: true }, new AbortController().signal);
  expect(inputs).toEqual([
    { filter, dryRun: true },
    { filter, dryRun: true, after: 'b' },
  ]);
  expect(sums).toEqual({
    CHANGED: 2,
    UNCHANGED: 1,
    REFUSED: 2,
    firstChanged: ['a', 'e'],
    refusals: new Map([['SUPERVISOR_STATE', { count: 2, message: 'SUPERVISOR_STATE of b' }]]),
  });
});

test.each([
  [100, 110, false],
  [100, 111, true],
  [100, 89, true],
  [5, 5, false],
  [5, 6, true],
  [0, 1, true],
])('K5: from %i to %i: %s', (before, now, moved) => {
  expect(hasMoved(before, now)).toBe(moved);
});
