import { type Change, type Core, createRights, type Feed, openViewer, type Sequenced } from '@muster/core';

type Attached = ReturnType<Core['hub']['attach']>;

/** An event hub without a database: what `offer` is given is what has been committed. */
export interface FakeCore {
  readonly core: Core;
  /** Hands on the changes at these places, in one turn. */
  offer(...places: number[]): void;
  /** The log has come so far, with nothing that anybody wants. */
  pass(place: number): void;
  /** Every reader of the hub gets this error next. */
  fail(error: unknown): void;
}

export function createFakeCore(): FakeCore {
  const attached = new Set<{ offer(change: Change): void; fail(error: unknown): void }>();
  let position = 0;

  function attach(wants: (change: Change) => boolean): Attached {
    const waiting: Change[] = [];
    let failure: { error: unknown } | undefined;
    let ended = false;
    let wake = Promise.withResolvers<void>();
    const subscription = {
      offer: (change: Change) => {
        if (wants(change)) waiting.push(change);
        wake.resolve();
      },
      fail: (error: unknown) => {
        failure = { error };
        wake.resolve();
      },
      end: () => {
        ended = true;
        attached.delete(subscription);
        wake.resolve();
      },
      next: async (): Promise<IteratorResult<Change>> => {
        for (;;) {
          const change = waiting.shift();
          if (change) return { value: change, done: false };
          if (failure) throw failure.error;
          if (ended) return { value: undefined, done: true };
          await wake.promise;
          wake = Promise.withResolvers();
        }
      },
      [Symbol.asyncIterator]() {
        return this;
      },
    };
    attached.add(subscription);
    return subscription as unknown as Attached;
  }

  const hub = {
    tail: {
      logId: '0123456789ab',
      get position() {
        return position;
      },
    },
    attach,
    get subscriptions() {
      return attached.size;
    },
  };
  return {
    core: { hub, access: { rights: createRights(Date.now) } } as unknown as Core,
    offer: (...places) => {
      for (const seq of places) {
        position = seq;
        for (const one of [...attached]) one.offer(fakeChange(seq));
      }
    },
    pass: (place) => {
      position = place;
    },
    fail: (error) => {
      for (const one of [...attached]) one.fail(error);
    },
  };
}

export function fakeChange(seq: number): Change {
  return { seq } as Change;
}

/** A feed of all changes, whose beginning a test decides. */
export function createFakeFeed(own: Partial<Feed<Sequenced>> = {}): Feed<Sequenced> {
  return {
    viewer: openViewer,
    start: null,
    concerns: () => true,
    itemsOf: ({ seq }) => [{ seq }],
    begin: async () => ({ first: nothing(), place: 0, newsAfter: () => 0 }),
    bookmark: (seq) => ({ seq }),
    ...own,
  };
}

async function* nothing(): AsyncGenerator<never, undefined> {}
