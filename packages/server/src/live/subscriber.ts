import { DomainError, type Feed, type Pacer, type Rights, type Sequenced } from '@muster/core';
import type { ExecutionResult } from 'graphql';
import { viewerKey } from '../limits/rateLimiter.ts';
import { Backlog, type BacklogLimits, bytesOf, writeBytes } from './backlog.ts';
import type { EventBudgets } from './eventBudgets.ts';
import { type FrameId, type FrameWriter, frameId } from './frame.ts';
import type { SubscriptionGroup } from './group.ts';
import type { Payload, PayloadSink } from './payload.ts';
import type { SocketWriter } from './socketWriter.ts';
import type { Starts } from './starts.ts';

/** The parameters of one subscription on a socket. */
export interface SubscriberOptions extends BacklogLimits {
  /** The cursor of a place in the event log. */
  cursorAt(seq: number): string;
  rights: Pick<Rights, 'watch'>;
  /** The operation's id on its socket. */
  id: string;
  writer: SocketWriter;
  frames: FrameWriter;
  /** This subscription's own feed: its start may differ from the rest of the group. */
  feed: Feed<Sequenced>;
  execute(item: Sequenced): Promise<ExecutionResult>;
  group: Pick<SubscriptionGroup, 'join'>;
  /** W8: the points that each initial item takes from the viewer's credential. */
  pointsPerItem: number;
  budgets: EventBudgets;
  pacer: Pacer;
  /** Bounds the subscriptions of a credential that start at a time. */
  starts: Starts;
  /** Called once the subscription has its place in the log: it is sent each change from then on. */
  onStarted(): void;
  /** Called once: when the subscription has ended, or its socket is gone. */
  onOver(): void;
}

/** How many initial items are executed at once, so that their database reads are batched. */
const maxTogether = 100;
/** The points that initial items may take that are executed at once (W3). */
const pointsTogether = 2_000;

/**
 * Starts one subscription: it sends its initial items, then its group's payloads, as fast as its socket takes them.
 *
 * @returns the iterator that graphql-ws waits on. It never yields, since everything is sent from here, and ends when the
 * subscription does; a subscription that falls too far behind ends with SLOW_CONSUMER.
 */
export function joinGroup(options: SubscriberOptions): AsyncIterableIterator<ExecutionResult> {
  return new Subscriber(options);
}

/** Only a `current` subscription is sent payloads as they come; for the others they wait. */
type DeliveryState = 'starting' | 'current' | 'behind' | 'ended';

/**
 * A class whose first fields are those that a delivery reads: there are thousands of subscribers, and the cost of each
 * for an event is above all how many places in memory are read for it.
 */
class Subscriber implements PayloadSink, AsyncIterableIterator<ExecutionResult> {
  #state: DeliveryState = 'starting';
  /** Changes up to this sequence number were sent with the initial items; only later ones are delivered. */
  #liveAfterSeq = 0;
  /** Where the client can resume; null while it can only start anew. */
  #resumeSeq: number | null;
  readonly #writer: SocketWriter;
  readonly #frameId: FrameId;
  readonly #frames: FrameWriter;
  readonly #backlog: Backlog;
  readonly #options: SubscriberOptions;
  readonly #ended = Promise.withResolvers<IteratorResult<ExecutionResult>>();
  #awaitsDrain = false;
  readonly #leave: () => void;
  readonly #withdraw: () => void;
  #stopWatchingRight = (): void => {};

  constructor(options: SubscriberOptions) {
    const { rights, id, writer, feed, group } = options;
    this.#resumeSeq = feed.afterSeq;
    this.#writer = writer;
    this.#frameId = frameId(id);
    this.#frames = options.frames;
    this.#backlog = new Backlog(options, writer);
    this.#options = options;
    // The subscription may end before anybody waits for it.
    this.#ended.promise.catch(() => {});
    this.#leave = group.join(this, feed.viewer);
    // Release the subscription if the socket closes or the client reuses its operation id.
    this.#withdraw = writer.onceGone(id, () => this.#release());
    // E6: the right may have ended by now, and then this calls back at once.
    this.#stopWatchingRight = rights.watch(feed.viewer, (error) => this.#finish(error));
    if (this.#state === 'ended') this.#stopWatchingRight();
    this.#start().catch((error: unknown) => this.#finish(error));
  }

  deliver(payloads: readonly Payload[]): void {
    if (this.#state === 'ended') return;
    const wanted = this.#areWanted(payloads) ? payloads : payloads.filter((payload) => this.#isWanted(payload));
    if (wanted.length === 0) return;
    // Common case: a few payloads for a subscriber that is up to date. Passing the same array lets all sockets share one
    // buffer.
    if (this.#hasKeptUp && (wanted.length === 1 || bytesOf(wanted) <= writeBytes)) this.#send(wanted);
    else this.#deliverWanted(wanted);
  }

  end(error?: unknown): void {
    this.#finish(error instanceof DomainError && error.code === 'SLOW_CONSUMER' ? this.#slowConsumer() : error);
  }

  next(): Promise<IteratorResult<ExecutionResult>> {
    return this.#ended.promise;
  }

  // The client has completed the operation and is sent nothing more. If `next` ended now, graphql-ws would send a
  // completion under the operation's id, which the client may have reused.
  async return(): Promise<IteratorResult<ExecutionResult>> {
    this.#release();
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get #hasEnded(): boolean {
    return this.#state === 'ended';
  }

  get #hasKeptUp(): boolean {
    return this.#state === 'current' && this.#writer.ready;
  }

  #deliverWanted(wanted: readonly Payload[]): void {
    // A subscriber that has kept up so far may take as long as it needs for payloads that come at once.
    const keptUp = this.#hasKeptUp;
    this.#backlog.add(wanted);
    if (!keptUp && this.#backlog.tooLarge) this.#finish(this.#slowConsumer());
    else if (this.#state !== 'starting') this.#flush();
  }

  /** While the subscription starts, it isn't known yet which payloads are new to it. */
  #areWanted(payloads: readonly Payload[]): boolean {
    if (this.#state === 'starting') return true;
    for (const payload of payloads) if (!this.#isWanted(payload)) return false;
    return true;
  }

  /** A bookmark from before this subscriber's position would put its cursor back. */
  #isWanted({ changeSeq, seq }: Payload): boolean {
    return changeSeq === null ? this.#resumeSeq !== null && seq >= this.#resumeSeq : changeSeq > this.#liveAfterSeq;
  }

  #send(payloads: readonly Payload[]): void {
    this.#frames.write(this.#writer, this.#frameId, payloads);
    this.#resumeSeq = payloads.at(-1)?.seq ?? this.#resumeSeq;
  }

  #flush(): void {
    if (this.#state === 'ended') return;
    while (!this.#backlog.empty && this.#writer.ready) this.#send(this.#backlog.take());
    this.#state = this.#backlog.empty ? 'current' : 'behind';
    if (this.#state === 'behind') this.#waitForDrain();
  }

  #waitForDrain(): void {
    if (this.#awaitsDrain) return;
    this.#awaitsDrain = true;
    this.#writer.onDrain(() => {
      this.#awaitsDrain = false;
      this.#flush();
    });
  }

  async #start(): Promise<void> {
    const { feed, starts } = this.#options;
    const done = await starts.begin(feed.viewer);
    try {
      await this.#sendStart();
    } finally {
      done();
    }
  }

  async #sendStart(): Promise<void> {
    if (this.#hasEnded) return;
    const { feed } = this.#options;
    feed.effort.payer = (points) => this.#payForReading(points);
    const start = await feed.start();
    if (this.#hasEnded) return;
    this.#options.onStarted();
    this.#resumeSeq ??= start.resumeSeq;
    await this.#sendInitialItems(start.initialItems);
    feed.effort.payer = undefined;
    if (this.#hasEnded) return;
    this.#liveAfterSeq = start.liveAfterSeq();
    this.#backlog.keepOnly((payload) => this.#isWanted(payload));
    this.#flush();
  }

  async #sendInitialItems(items: AsyncIterable<Sequenced>): Promise<void> {
    const most = Math.max(1, Math.min(maxTogether, Math.floor(pointsTogether / this.#options.pointsPerItem)));
    let together: Sequenced[] = [];
    let size = 1;
    for await (const item of items) {
      if (this.#hasEnded) return;
      if (together.push(item) < size) continue;
      const bytes = await this.#sendTogether(together);
      // Fewer if they are large: each has a buffer that no other socket shares until it is written.
      size = bytes > writeBytes ? Math.ceil(size / 2) : Math.min(size * 2, most);
      together = [];
    }
    await this.#sendTogether(together);
  }

  /** A subscription that has ended meanwhile reads no further. */
  async #payForReading(points: number): Promise<void> {
    await this.#pay(points);
    if (this.#hasEnded) throw new Error('the subscription has ended');
  }

  /** Waits until the viewer's credential has points for work, and other work has had its turn. */
  async #pay(points: number): Promise<void> {
    const { feed, budgets, pacer } = this.#options;
    if (budgets.pausedMs(feed.viewer) > 0) await budgets.wait(feed.viewer, points);
    else budgets.charge(feed.viewer, points);
    await pacer.take(viewerKey(feed.viewer), points);
  }

  /** Resolves with the number of bytes sent. */
  async #sendTogether(items: readonly Sequenced[]): Promise<number> {
    if (items.length === 0) return 0;
    const { feed, pointsPerItem } = this.#options;
    await this.#pay(items.length * pointsPerItem + feed.effort.takePoints());
    if (this.#hasEnded) return 0;
    const results = await Promise.all(items.map((item) => this.#options.execute(item)));
    let bytes = 0;
    for (const [i, item] of items.entries()) {
      const text = Buffer.from(JSON.stringify(results[i]));
      if (!this.#writer.ready) await new Promise<void>((resolve) => this.#writer.onDrain(resolve));
      if (this.#hasEnded) break;
      this.#frames.write(this.#writer, this.#frameId, [{ text }]);
      if (!item.partial) this.#resumeSeq = item.seq;
      bytes += text.length;
    }
    return bytes;
  }

  /** Ends the subscription without a message to the client. */
  #release(): void {
    if (this.#state === 'ended') return;
    this.#state = 'ended';
    this.#backlog.clear();
    this.#leave();
    this.#withdraw();
    this.#stopWatchingRight();
    this.#options.onOver();
  }

  #finish(error?: unknown): void {
    if (this.#state === 'ended') return;
    this.#release();
    if (error === undefined) this.#ended.resolve({ value: undefined, done: true });
    else this.#ended.reject(error);
  }

  #slowConsumer(): DomainError {
    const { cursorAt, bufferEvents, bufferBytes } = this.#options;
    return new DomainError(
      'SLOW_CONSUMER',
      `expected to be read as fast as changes come; more than ${bufferEvents} events or ${bufferBytes} bytes were waiting`,
      { lastCursor: this.#resumeSeq === null ? null : cursorAt(this.#resumeSeq) },
    );
  }
}
