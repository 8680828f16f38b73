import { type Core, cursorOf, DomainError, type Feed, type Placed } from '@muster/core';
import type { ExecutionResult } from 'graphql';
import { type FrameWriter, nextEnvelope } from './frame.ts';
import type { GroupMember, LiveGroup, Payload } from './group.ts';
import type { Outlet } from './outlet.ts';

export interface MemberOptions<Item extends Placed> {
  core: Core;
  /** The operation's id on its socket. */
  id: string;
  outlet: Outlet;
  frames: FrameWriter;
  /** Its own: how it begins may differ from the others of its group. */
  feed: Feed<Item>;
  execute(item: Item): Promise<ExecutionResult>;
  group: LiveGroup;
  /** E5: what may wait for it. */
  bufferEvents: number;
  bufferBytes: number;
  /** It has ended, or its socket has gone. */
  onOver(): void;
}

/** Payloads are written so many bytes at a time, so that a socket which doesn't read holds few of its own. */
const writeBytes = 32 * 1024;

/** Of what comes first, so many items at most are executed together: what they ask the database for is joined. */
const maxTogether = 100;

/**
 * One subscription: sends what comes first for it, then what its group gets, as fast as its socket takes it. It is the
 * iterator that graphql-ws waits on, which never yields, since everything is sent from here, and ends when the
 * subscription does; a subscription that falls too far behind ends with SLOW_CONSUMER.
 */
export function joinGroup<Item extends Placed>(options: MemberOptions<Item>): AsyncIterableIterator<ExecutionResult> {
  const { core, outlet, feed, frames } = options;
  const envelope = nextEnvelope(options.id);
  const ended = Promise.withResolvers<IteratorResult<ExecutionResult>>();
  // Nobody may be waiting yet when it ends.
  ended.promise.catch(() => {});
  /** The place after which what its group gets is news to it; null while it begins. */
  let newsAfter: number | null = null;
  let waiting: Payload[] = [];
  let waitingBytes = 0;
  let awaitsDrain = false;
  /** Where it can resume; null while only a new beginning will do. */
  let place = feed.start;
  let over = false;
  let yieldRight = () => {};

  /** Ends without a word to anybody. */
  function release(): void {
    if (over) return;
    over = true;
    waiting = [];
    leave();
    withdraw();
    yieldRight();
    options.onOver();
  }

  function finish(error?: unknown): void {
    if (over) return;
    release();
    if (error === undefined) ended.resolve({ value: undefined, done: true });
    else ended.reject(error);
  }

  const member: GroupMember = {
    deliver: (payloads) => {
      if (over) return;
      const wanted = areWanted(payloads) ? payloads : payloads.filter(isWanted);
      if (wanted.length === 0) return;
      // What nearly every delivery is: a few, for one that has kept up; the same list for all, which shares a buffer.
      if (hasKeptUp() && (wanted.length === 1 || bytesOf(wanted) <= writeBytes)) send(wanted);
      else deliverWanted(wanted);
    },
    end: (error) => finish(error instanceof DomainError && error.code === 'SLOW_CONSUMER' ? tooSlow() : error),
  };

  function deliverWanted(wanted: readonly Payload[]): void {
    // One that has kept up so far may take as long as it needs for what comes at once.
    const keptUp = hasKeptUp();
    for (const payload of wanted) {
      waiting.push(payload);
      waitingBytes += payload.text.length;
    }
    if (!keptUp && isTooMuch()) finish(tooSlow());
    else flush();
  }

  function areWanted(payloads: readonly Payload[]): boolean {
    if (newsAfter === null) return true;
    for (const payload of payloads) if (!isWanted(payload)) return false;
    return true;
  }

  const hasKeptUp = () => newsAfter !== null && waiting.length === 0 && outlet.ready;

  const isTooMuch = () => waiting.length > options.bufferEvents || waitingBytes > options.bufferBytes;

  /** A bookmark from before this member was as far as it is now would put its cursor back. */
  function isWanted({ change, seq }: Payload): boolean {
    return change === null ? place !== null && seq >= place : newsAfter !== null && change.seq > newsAfter;
  }

  function send(payloads: readonly Payload[]): void {
    frames.write(outlet, envelope, payloads);
    place = payloads.at(-1)?.seq ?? place;
  }

  function flush(): void {
    while (!over && newsAfter !== null && waiting.length > 0 && outlet.ready) send(takeWaiting());
    if (!over && newsAfter !== null && waiting.length > 0) waitForDrain();
  }

  /** At least one, and then as many as fit into one write. */
  function takeWaiting(): Payload[] {
    let count = 0;
    let bytes = 0;
    for (const { text } of waiting) {
      if (count > 0 && bytes + text.length > writeBytes) break;
      count += 1;
      bytes += text.length;
    }
    waitingBytes -= bytes;
    return waiting.splice(0, count);
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
    let together: Item[] = [];
    let size = 1;
    for await (const item of beginning.first) {
      if (over) return;
      if (together.push(item) < size) continue;
      const bytes = await sendFirst(together);
      // Few where they are large: they have a buffer of their own until they are written.
      size = bytes > writeBytes ? Math.ceil(size / 2) : Math.min(size * 2, maxTogether);
      together = [];
    }
    await sendFirst(together);
    if (over) return;
    newsAfter = beginning.newsAfter();
    waiting = waiting.filter(isWanted);
    waitingBytes = bytesOf(waiting);
    flush();
  }

  /** Resolves with the bytes that it took. */
  async function sendFirst(items: readonly Item[]): Promise<number> {
    const results = await Promise.all(items.map((item) => options.execute(item)));
    let bytes = 0;
    for (const [i, item] of items.entries()) {
      const text = Buffer.from(JSON.stringify(results[i]));
      if (!outlet.ready) await new Promise<void>((resolve) => outlet.onDrain(resolve));
      if (over) break;
      frames.write(outlet, envelope, [{ text }]);
      if (!item.partial) place = item.seq;
      bytes += text.length;
    }
    return bytes;
  }

  function tooSlow(): DomainError {
    return new DomainError(
      'SLOW_CONSUMER',
      `expected to be read as fast as changes come; more than ${options.bufferEvents} events or ${options.bufferBytes} bytes were waiting`,
      { lastCursor: place === null ? null : cursorOf(core, place) },
    );
  }

  const leave = options.group.join(member);
  // Whoever waited for it has gone, or waits for another by now.
  const withdraw = outlet.hold(options.id, release);
  // E6: it ends with its viewer's right to it, which may have ended by now.
  yieldRight = core.access.rights.hold(feed.viewer, finish);
  if (over) yieldRight();
  begin().catch(finish);

  return {
    next: () => ended.promise,
    // The client has completed it, and is told nothing more: graphql-ws, should `next` end now, would say so under the
    // operation's id, by which another may go by then.
    return: async () => {
      release();
      return { value: undefined, done: true };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function bytesOf(payloads: readonly Payload[]): number {
  let bytes = 0;
  for (const { text } of payloads) bytes += text.length;
  return bytes;
}
