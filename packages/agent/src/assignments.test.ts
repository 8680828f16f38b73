import { type MusterClient, RequestError } from '@muster/client';
import { expect, it } from 'vitest';
import { followAssignments } from './assignments.ts';
import type { Assignment } from './contract.ts';

const assignment = (version: string): Assignment => ({
  domainId: 'acme',
  pluginId: 'collector',
  version,
  generation: 1,
  state: 'PROVISIONING',
  spec: null,
});

/** A client whose subscriptions give these, one after another. */
function clientOf(runs: (Assignment[] | RequestError)[][]): Pick<MusterClient, 'subscribe'> {
  return {
    subscribe: async function* () {
      for (const each of runs.shift() ?? []) {
        if (each instanceof RequestError) throw each;
        yield { watchAssignments: { assignments: each } } as never;
      }
    },
  };
}

it('tells each list in its turn, and keeps what there is while the server can not tell', async () => {
  const lost = new RequestError('UNREACHABLE', 'gone');
  const stopping = new AbortController();
  const told: unknown[] = [];
  await followAssignments({
    client: clientOf([[[assignment('1')], lost], [[assignment('2')]]]),
    hostname: 'a',
    signal: stopping.signal,
    random: () => 0,
    onError: (error) => told.push(error),
    onList: async (assignments) => {
      told.push(assignments.map(({ version }) => version));
      if (told.length === 3) stopping.abort();
    },
  });
  expect(told).toEqual([['1'], lost, ['2']]);
});

it('ends with what the agent throws at a list', async () => {
  const following = followAssignments({
    client: clientOf([[[assignment('1')]]]),
    hostname: 'a',
    signal: new AbortController().signal,
    onList: () => Promise.reject(new Error('no disk')),
  });
  await expect(following).rejects.toThrow('no disk');
});
