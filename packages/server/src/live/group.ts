import { type ChangeQueue, type EventHub, type Feed, itemsOf, type Meaning, type Sequenced } from '@muster/core';
import type { ExecutionResult } from 'graphql';
import type { Payload, PayloadSink } from './payload.ts';

/** Changes whose execution one group may have under way; past it the group's own bounded queue fills (E5). */
const maxUnderWay = 1_000;

/** Subscriptions with the same document, variables and access, which receive the same payloads. */
export interface SubscriptionGroup {
  /** From now on the subscriber receives every payload. Returns how to leave. */
  join(subscriber: PayloadSink): () => void;
  readonly size: number;
}

/** The parameters of a group. */
export interface GroupOptions {
  hub: EventHub;
  /** The feed of any one of the subscriptions: the meaning of changes is the same for all. */
  feed: Feed<Sequenced>;
  /** Executes the document for an item; a rejection ends the group. */
  execute(item: Sequenced): Promise<ExecutionResult>;
  /** How long the group may send nothing until it sends a bookmark. */
  bookmarkIntervalMs: number;
  /** Called once: when the last subscriber has left, or the group has ended. */
  onEmpty(): void;
}

/** Follows the hub from now on. Payloads that are ready in the same turn go to each subscriber together. */
export function createGroup(options: GroupOptions): SubscriptionGroup {
  return new Group(options);
}

/** A change whose items are being executed. */
interface Execution {
  readonly seq: number;
  readonly payloads: Promise<readonly Payload[]>;
}

class Group implements SubscriptionGroup {
  readonly #subscribers = new Set<PayloadSink>();
  readonly #options: GroupOptions;
  readonly #changes: ChangeQueue<Meaning<Sequenced>>;
  readonly #underWay: Execution[] = [];
  /** Payloads to deliver at the end of this turn. */
  #ready: Payload[] = [];
  /** Pending while executions are under way. */
  #emitting: Promise<void> | undefined;
  /** The last change fully processed, and the last one that produced a payload. */
  #processedSeq = 0;
  #emittedSeq = 0;
  #sentSinceBookmark = false;
  #ended = false;
  readonly #bookmarkTimer: NodeJS.Timeout;

  constructor(options: GroupOptions) {
    const { hub, feed, bookmarkIntervalMs } = options;
    this.#options = options;
    this.#changes = hub.attach((change) => feed.meaningOf(change));
    this.#bookmarkTimer = setInterval(() => this.#sendBookmark(), bookmarkIntervalMs).unref();
    this.#executeChanges().then(
      () => this.#finish(),
      (error: unknown) => this.#finish(error),
    );
  }

  get size(): number {
    return this.#subscribers.size;
  }

  join(subscriber: PayloadSink): () => void {
    this.#subscribers.add(subscriber);
    return () => {
      if (this.#subscribers.delete(subscriber) && this.#subscribers.size === 0) this.#finish();
    };
  }

  async #executeChanges(): Promise<void> {
    for await (const { seq, meaning } of this.#changes) {
      this.#enqueue(seq, this.#payloadsOf(seq, meaning));
      if (this.#underWay.length >= maxUnderWay) await this.#emitting;
    }
  }

  async #payloadsOf(changeSeq: number, meaning: Meaning<Sequenced>): Promise<readonly Payload[]> {
    const items = await itemsOf(meaning);
    return Promise.all(items.map((item) => this.#execute(item, changeSeq)));
  }

  async #execute(item: Sequenced, changeSeq: number | null): Promise<Payload> {
    const result = await this.#options.execute(item);
    return { seq: item.seq, changeSeq, text: Buffer.from(JSON.stringify(result)) };
  }

  #enqueue(seq: number, payloads: Promise<readonly Payload[]>): void {
    // Nobody waits for the executions behind one that failed.
    payloads.catch(() => {});
    this.#underWay.push({ seq, payloads });
    this.#emitting ??= this.#emitInOrder().catch((error: unknown) => this.#finish(error));
  }

  /** Execution may take longer for one item than for the next; payloads leave in the items' order. */
  async #emitInOrder(): Promise<void> {
    for (let next = this.#underWay.shift(); next; next = this.#underWay.shift()) {
      // Two statements: `#ready` may be another list after the wait, and a payload in the old list reaches nobody.
      const payloads = await next.payloads;
      this.#processedSeq = next.seq;
      if (payloads.length === 0) continue;
      if (this.#ready.length === 0) setImmediate(() => this.#deliver());
      this.#ready.push(...payloads);
      this.#sentSinceBookmark = true;
      this.#emittedSeq = next.seq;
    }
    this.#emitting = undefined;
  }

  #deliver(): void {
    const payloads = this.#ready;
    this.#ready = [];
    for (const subscriber of this.#subscribers) subscriber.deliver(payloads);
  }

  #sendBookmark(): void {
    const isIdle = this.#emitting === undefined;
    // While an execution is under way, payloads of changes up to the tail's position may still be on their way.
    const seq = isIdle ? this.#options.hub.tail.position : this.#processedSeq;
    const isDue = !this.#sentSinceBookmark && (isIdle || this.#processedSeq > this.#emittedSeq);
    this.#sentSinceBookmark = false;
    const item = isDue ? this.#options.feed.bookmark(seq) : null;
    if (item === null) return;
    this.#enqueue(
      seq,
      this.#execute(item, null).then((payload) => [payload]),
    );
  }

  #finish(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    clearInterval(this.#bookmarkTimer);
    this.#changes.end();
    for (const subscriber of this.#subscribers) subscriber.end(error);
    this.#subscribers.clear();
    this.#options.onEmpty();
  }
}
