import { type Core, cursorOf, DomainError, type Feed, type Sequenced } from '@muster/core';
import type { ExecutionResult } from 'graphql';
import { Backlog, type BacklogLimits, bytesOf, writeBytes } from './backlog.ts';
import { type FrameId, type FrameWriter, frameId } from './frame.ts';
import type { GroupMember, Payload, SubscriptionGroup } from './group.ts';
import type { SocketWriter } from './socketWriter.ts';

export interface MemberOptions<Item extends Sequenced> extends BacklogLimits {
  core: Core;
  /** The operation's id on its socket. */
  id: string;
  writer: SocketWriter;
  frames: FrameWriter;
  /** Its own: how it begins may differ from the others of its group. */
  feed: Feed<Item>;
  execute(item: Item): Promise<ExecutionResult>;
  group: SubscriptionGroup;
  /** It has ended, or its socket has gone. */
  onOver(): void;
}

/** Of what comes first, so many items at most are executed together: what they ask the database for is joined. */
const maxTogether = 100;

/**
 * One subscription: sends what comes first for it, then what its group gets, as fast as its socket takes it. It is the
 * iterator that graphql-ws waits on, which never yields, since everything is sent from here, and ends when the
 * subscription does; a subscription that falls too far behind ends with SLOW_CONSUMER.
 */
export function joinGroup<Item extends Sequenced>(
  options: MemberOptions<Item>,
): AsyncIterableIterator<ExecutionResult> {
  return new Member(options);
}

/** Where a subscription is: only a `current` one is sent what comes as it comes; for the others it waits. */
type Pace = 'beginning' | 'current' | 'behind' | 'over';

/**
 * A class, its first fields those that a delivery looks at: there are thousands of members, and what each costs for an
 * event is above all how many places in memory are looked at for it.
 */
class Member<Item extends Sequenced> implements GroupMember, AsyncIterableIterator<ExecutionResult> {
  #pace: Pace = 'beginning';
  /** The place after which what its group gets is news to it, once it has begun. */
  #newsAfter = 0;
  /** Where it can resume; null while only a new beginning will do. */
  #place: number | null;
  readonly #writer: SocketWriter;
  readonly #frameId: FrameId;
  readonly #frames: FrameWriter;
  readonly #backlog: Backlog;
  readonly #options: MemberOptions<Item>;
  readonly #ended = Promise.withResolvers<IteratorResult<ExecutionResult>>();
  #awaitsDrain = false;
  readonly #leave: () => void;
  readonly #withdraw: () => void;
  #yieldRight = (): void => {};

  constructor(options: MemberOptions<Item>) {
    const { core, id, writer, feed, group } = options;
    this.#place = feed.start;
    this.#writer = writer;
    this.#frameId = frameId(id);
    this.#frames = options.frames;
    this.#backlog = new Backlog(options);
    this.#options = options;
    // Nobody may be waiting yet when it ends.
    this.#ended.promise.catch(() => {});
    this.#leave = group.join(this);
    // Whoever waited for it has gone, or waits for another by now.
    this.#withdraw = writer.onceGone(id, () => this.#release());
    // E6: it ends with its viewer's right to it, which may have ended by now.
    this.#yieldRight = core.access.rights.watch(feed.viewer, (error) => this.#finish(error));
    if (this.#pace === 'over') this.#yieldRight();
    this.#begin().catch((error: unknown) => this.#finish(error));
  }

  deliver(payloads: readonly Payload[]): void {
    if (this.#pace === 'over') return;
    const wanted = this.#areWanted(payloads) ? payloads : payloads.filter((payload) => this.#isWanted(payload));
    if (wanted.length === 0) return;
    // What nearly every delivery is: a few, for one that has kept up; the same list for all, which shares a buffer.
    if (this.#hasKeptUp && (wanted.length === 1 || bytesOf(wanted) <= writeBytes)) this.#send(wanted);
    else this.#deliverWanted(wanted);
  }

  end(error?: unknown): void {
    this.#finish(error instanceof DomainError && error.code === 'SLOW_CONSUMER' ? this.#tooSlow() : error);
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    return this.#ended.promise;
  }

  // The client has completed it, and is told nothing more: graphql-ws, should `next` end now, would say so under the
  // operation's id, by which another may go by then.
  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#release();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get #hasKeptUp(): boolean {
    return this.#pace === 'current' && this.#writer.ready;
  }

  #deliverWanted(wanted: readonly Payload[]): void {
    // One that has kept up so far may take as long as it needs for what comes at once.
    const keptUp = this.#hasKeptUp;
    this.#backlog.add(wanted);
    if (!keptUp && this.#backlog.tooLarge) this.#finish(this.#tooSlow());
    else if (this.#pace !== 'beginning') this.#flush();
  }

  /** While it begins, it isn't known yet what is news. */
  #areWanted(payloads: readonly Payload[]): boolean {
    if (this.#pace === 'beginning') return true;
    for (const payload of payloads) if (!this.#isWanted(payload)) return false;
    return true;
  }

  /** A bookmark from before this member was as far as it is now would put its cursor back. */
  #isWanted({ change, seq }: Payload): boolean {
    return change === null ? this.#place !== null && seq >= this.#place : change.seq > this.#newsAfter;
  }

  #send(payloads: readonly Payload[]): void {
    this.#frames.write(this.#writer, this.#frameId, payloads);
    this.#place = payloads.at(-1)?.seq ?? this.#place;
  }

  #flush(): void {
    if (this.#pace === 'over') return;
    while (!this.#backlog.empty && this.#writer.ready) this.#send(this.#backlog.take());
    this.#pace = this.#backlog.empty ? 'current' : 'behind';
    if (this.#pace === 'behind') this.#waitForDrain();
  }

  #waitForDrain(): void {
    if (this.#awaitsDrain) return;
    this.#awaitsDrain = true;
    this.#writer.onDrain(() => {
      this.#awaitsDrain = false;
      this.#flush();
    });
  }

  async #begin(): Promise<void> {
    const beginning = await this.#options.feed.begin();
    this.#place ??= beginning.place;
    await this.#sendBeginning(beginning.first);
    if (this.#pace === 'over') return;
    this.#newsAfter = beginning.newsAfter();
    this.#backlog.keepOnly((payload) => this.#isWanted(payload));
    this.#flush();
  }

  async #sendBeginning(first: AsyncIterable<Item>): Promise<void> {
    let together: Item[] = [];
    let size = 1;
    for await (const item of first) {
      if (this.#pace === 'over') return;
      if (together.push(item) < size) continue;
      const bytes = await this.#sendFirst(together);
      // Few where they are large: they have a buffer of their own until they are written.
      size = bytes > writeBytes ? Math.ceil(size / 2) : Math.min(size * 2, maxTogether);
      together = [];
    }
    await this.#sendFirst(together);
  }

  /** Resolves with the bytes that it took. */
  async #sendFirst(items: readonly Item[]): Promise<number> {
    const results = await Promise.all(items.map((item) => this.#options.execute(item)));
    let bytes = 0;
    for (const [i, item] of items.entries()) {
      const text = Buffer.from(JSON.stringify(results[i]));
      if (!this.#writer.ready) await new Promise<void>((resolve) => this.#writer.onDrain(resolve));
      if (this.#pace === 'over') break;
      this.#frames.write(this.#writer, this.#frameId, [{ text }]);
      if (!item.partial) this.#place = item.seq;
      bytes += text.length;
    }
    return bytes;
  }

  /** Ends without a word to anybody. */
  #release(): void {
    if (this.#pace === 'over') return;
    this.#pace = 'over';
    this.#backlog.clear();
    this.#leave();
    this.#withdraw();
    this.#yieldRight();
    this.#options.onOver();
  }

  #finish(error?: unknown): void {
    if (this.#pace === 'over') return;
    this.#release();
    if (error === undefined) this.#ended.resolve({ value: undefined, done: true });
    else this.#ended.reject(error);
  }

  #tooSlow(): DomainError {
    const { core, bufferEvents, bufferBytes } = this.#options;
    return new DomainError(
      'SLOW_CONSUMER',
      `expected to be read as fast as changes come; more than ${bufferEvents} events or ${bufferBytes} bytes were waiting`,
      { lastCursor: this.#place === null ? null : cursorOf(core, this.#place) },
    );
  }
}
