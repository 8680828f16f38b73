import { type MusterClient, RequestError } from '@muster/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Wish } from '../plugin/wish.ts';
import { followLists, type Lists } from './followLists.ts';

/** The lists of plugin ids that the server's streams will give, one stream after another. */
let streams: { next: PromiseWithResolvers<string[] | RequestError> }[];
let wishes: readonly Wish[] | null;
let accepted: string[][];
let publishes: number;
let lists: Lists;

const assignment = (pluginId: string) => ({
  domainId: 'acme',
  pluginId,
  version: '1',
  generation: 1,
  state: 'ACTIVE',
  spec: null,
});

beforeEach(() => {
  streams = [];
  wishes = null;
  accepted = [];
  publishes = 0;
  const client: MusterClient = {
    url: 'http://server.test/graphql',
    query: () => Promise.reject(new RequestError('UNREACHABLE', 'away')),
    mutate: () => Promise.reject(new Error('nothing is changed')),
    subscribe: async function* (_document, _variables, signal) {
      const stream = { next: Promise.withResolvers<string[] | RequestError>() };
      streams.push(stream);
      const aborted = new Promise<RequestError>((resolve) => {
        signal?.addEventListener('abort', () => resolve(new RequestError('UNREACHABLE', 'aborted')));
      });
      for (;;) {
        const next = await Promise.race([stream.next.promise, aborted]);
        if (next instanceof RequestError) throw next;
        stream.next = Promise.withResolvers();
        yield { watchAssignments: { cursor: '1', assignments: next.map(assignment) } } as never;
      }
    },
  };
  lists = followLists({
    client,
    identity: { domainId: 'acme', name: 'a', hostname: 'a', secretKey: null, labels: {}, tags: {}, bootId: 'b' },
    maxRemovalShare: 0.5,
    wishes: () => wishes,
    setWishes: async (list) => {
      wishes = list;
      accepted.push(list.map(({ pluginId }) => pluginId));
    },
    publishSoon: () => {
      publishes += 1;
    },
    log: () => {},
    random: () => 0,
  });
});
afterEach(() => lists.close());

const give = (what: string[] | RequestError) => streams.at(-1)?.next.resolve(what);

async function publish(state: string): Promise<void> {
  lists.publishing();
  await lists.answered(state);
}

it('lists come after the first publish, and each counts at once', async () => {
  expect(streams).toHaveLength(0);
  await publish('ENABLED');
  await expect.poll(() => streams.length).toBe(1);
  give(['a']);
  await expect.poll(() => accepted).toEqual([['a']]);
  give([]);
  await expect.poll(() => accepted).toEqual([['a'], []]);
});

it('G6: after a break a list counts once a later publish was taken', async () => {
  await publish('ENABLED');
  give(['a']);
  await expect.poll(() => accepted).toEqual([['a']]);
  // This one is under way as the stream breaks: it may be older than whatever broke it.
  lists.publishing();
  give(new RequestError('UNREACHABLE', 'gone'));
  await expect.poll(() => streams.length).toBe(2);
  give([]);
  await expect.poll(() => publishes).toBe(1);
  await lists.answered('ENABLED');
  expect(accepted).toEqual([['a']]);
  await publish('ENABLED');
  expect(accepted).toEqual([['a'], []]);
});

it('G6, S5: the empty list of a newcomer never counts, and what it is given later does', async () => {
  await publish('ENABLED');
  give(['a']);
  await expect.poll(() => accepted).toEqual([['a']]);
  give(new RequestError('NOT_FOUND', 'no supervisor'));
  await expect.poll(() => streams.length).toBe(2);
  give([]);
  await expect.poll(() => publishes).toBe(1);
  await publish('PENDING');
  await publish('PENDING');
  expect(accepted).toEqual([['a']]);
  give(['a', 'b']);
  await expect.poll(() => accepted).toEqual([['a'], ['a', 'b']]);
});
