import { type Change, type Core, cursorOf, DomainError, type Feed, type Placed } from '@muster/core';
import type { ExecutionResult } from 'graphql';
import { frameAll, nextEnvelope } from './frame.ts';
import type { GroupMember, LiveGroup, Payload } from './group.ts';
import type { Outlet } from './outlet.ts';

export interface MemberOptions<Item extends Placed> {
  core: Core;
  /** The operation's id on its socket. */
  id: string;
  outlet: Outlet;
  /** Its own: how it begins may differ from the others of its group. */
  feed: Feed<Item>;
  execute(item: Item): Promise<ExecutionResult>;
  group: LiveGroup;
  /** E5: what may wait for it. */
  bufferEvents: number;
  bufferBytes: number;
}

/**
 * One subscription: sends what comes first for it, then what its group gets, as fast as its socket takes it. It is the
 * iterator that graphql-ws waits on, which never yields, since everything is sent from here, and ends when the
 * subscription does; a subscription that falls too far behind ends with SLOW_CONSUMER.
 */
export function joinGroup<Item extends Placed>(options: MemberOptions<Item>): AsyncIterableIterator<ExecutionResult> {
  const { core, outlet, feed } = options;
  const envelope = nextEnvelope(options.id);
  const ended = Promise.withResolvers<IteratorResult<ExecutionResult>>();
  // Nobody may be waiting yet when it ends.
  ended.promise.catch(() => {});
  let isNews: ((change: Change) => boolean) | undefined;
  let waiting: Payload[] = [];
  let waitingBytes = 0;
  let awaitsDrain = false;
  /** Where it can resume; null while only a new beginning will do. */
  let place = feed.start;
  let over = false;

  function finish(error?: unknown): void {
    if (over) return;
    over = true;
    waiting = [];
    leave();
    if (error === undefined) ended.resolve({ value: undefined, done: true });
    else ended.reject(error);
  }

  const member: GroupMember = {
    deliver: (payloads) => {
      const wanted = isNews ? payloads.filter(isWanted) : payloads;
      if (wanted.length === 0) return;
      if (isNews && waiting.length === 0 && outlet.ready) return send(wanted);
      for (const payload of wanted) {
        waiting.push(payload);
        waitingBytes += payload.text.length;
      }
      if (waiting.length > options.bufferEvents || waitingBytes > options.bufferBytes) return finish(tooSlow());
      flush();
    },
    end: finish,
  };

  /** A bookmark from before this member was as far as it is now would put its cursor back. */
  function isWanted({ change, seq }: Payload): boolean {
    return change === null ? place !== null && seq > place : isNews?.(change) === true;
  }

  function send(payloads: readonly Payload[]): void {
    outlet.write(frameAll(envelope, payloads));
    place = payloads.at(-1)?.seq ?? place;
  }

  function flush(): void {
    if (over || !isNews || waiting.length === 0) return;
    if (outlet.ready) {
      const payloads = waiting;
      waiting = [];
      waitingBytes = 0;
      send(payloads);
    } else waitForDrain();
  }

  function waitForDrain(): void {
    if (awaitsDrain) return;
    awaitsDrain = true;
    outlet.onDrain(() => {
      awaitsDrain = false;
      flush();
    });
  }

  /** What waits has been looked at before it was known what is news. */
  async function begin(): Promise<void> {
    const beginning = await feed.begin();
    place ??= beginning.place;
    for await (const item of beginning.first) {
      const text = Buffer.from(JSON.stringify(await options.execute(item)));
      if (!outlet.ready) await new Promise<void>((resolve) => outlet.onDrain(resolve));
      if (over) return;
      outlet.write(frameAll(envelope, [{ text }]));
      if (!item.partial) place = item.seq;
    }
    isNews = (change) => beginning.isNews(change);
    waiting = waiting.filter(isWanted);
    waitingBytes = waiting.reduce((bytes, { text }) => bytes + text.length, 0);
    flush();
  }

  function tooSlow(): DomainError {
    return new DomainError(
      'SLOW_CONSUMER',
      `expected to be read as fast as changes come; more than ${options.bufferEvents} events or ${options.bufferBytes} bytes were waiting`,
      { lastCursor: place === null ? null : cursorOf(core, place) },
    );
  }

  const leave = options.group.join(member);
  begin().catch(finish);

  return {
    next: () => ended.promise,
    return: async () => {
      finish();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
