import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Change,
  type ChangeQueue,
  type EventHub,
  type Feed,
  itemsOf,
  type Meaning,
  onceTaken,
  type Pacer,
  type Sequenced,
  type Viewer,
} from '@muster/core';
import type { ExecutionResult } from 'graphql';
import { viewerKey } from '../limits/rateLimiter.ts';
import { type EventBudgets, Payers } from './eventBudgets.ts';
import type { Payload, PayloadSink } from './payload.ts';

/** Changes whose execution one group may have under way; past it the group's own bounded queue fills (E5). */
const maxUnderWay = 1_000;
/** Subscribers that are given payloads in one turn of the event loop (W3). */
const deliveriesTogether = 5_000;
/** Points for finding out what changes mean are charged from this many on. */
const chargedFromPoints = 20;

/** Subscriptions with the same document, variables and access, which receive the same payloads. */
export interface SubscriptionGroup {
  /** From now on the subscriber receives every payload, and the viewer's credential pays with others'. Returns how to leave. */
  join(subscriber: PayloadSink, viewer: Viewer): () => void;
  readonly size: number;
}

/** The parameters of a group. */
export interface GroupOptions {
  hub: EventHub;
  /** The feed of any one of the subscriptions: the meaning of changes is the same for all. */
  feed: Feed<Sequenced>;
  /** Executes the document for an item; a rejection ends the group. */
  execute(item: Sequenced): Promise<ExecutionResult>;
  /** W8: the points that each item takes. */
  pointsPerItem: number;
  budgets: EventBudgets;
  pacer: Pacer;
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
  readonly #payers: Payers;
  /** Points for finding out meanings that are still to be charged. */
  #owedPoints = 0;
  /** Whether a change that was taken from the queue waits to be executed. */
  #isWaiting = false;
  /** Pending while the group's credentials have no points. */
  #pause: Promise<void> | undefined;
  /** Pending while payloads are given to subscribers. */
  #delivering: Promise<void> | undefined;

  constructor(options: GroupOptions) {
    const { hub, budgets, bookmarkIntervalMs } = options;
    this.#options = options;
    this.#payers = new Payers(budgets);
    this.#changes = hub.attach<Meaning<Sequenced>>({
      meaningOf: (change) => this.#meaningOf(change),
      meaningOnceTaken: (change) => async () => itemsOf(options.feed.meaningOf(change) ?? []),
    });
    this.#bookmarkTimer = setInterval(() => this.#sendBookmark(), bookmarkIntervalMs).unref();
    this.#executeChanges().then(
      () => this.#finish(),
      (error: unknown) => this.#finish(error),
    );
  }

  get size(): number {
    return this.#subscribers.size;
  }

  join(subscriber: PayloadSink, viewer: Viewer): () => void {
    this.#subscribers.add(subscriber);
    const stopPaying = this.#payers.join(viewer);
    return () => {
      if (!this.#subscribers.delete(subscriber)) return;
      stopPaying();
      if (this.#subscribers.size === 0) this.#finish();
    };
  }

  /** While the group waits for points or its turn, changes only wait: their meanings are found out afterwards. */
  #meaningOf(change: Change): Meaning<Sequenced> | typeof onceTaken | null {
    const { feed } = this.#options;
    if (this.#pause || this.#isWaiting) return feed.concerns(change) ? onceTaken : null;
    const meaning = feed.meaningOf(change);
    this.#owedPoints += feed.effort.takePoints();
    if (this.#owedPoints >= chargedFromPoints) void this.#pay(0);
    return meaning;
  }

  async #executeChanges(): Promise<void> {
    for await (const { seq, meaning } of this.#changes) {
      const wait = this.#takeTurn();
      if (wait) await this.#waitFor(wait);
      if (this.#ended) return;
      this.#enqueue(seq, this.#payloadsOf(seq, meaning));
      if (this.#underWay.length >= maxUnderWay) await this.#emitting;
    }
  }

  async #waitFor(wait: Promise<void>): Promise<void> {
    this.#isWaiting = true;
    await wait;
    this.#isWaiting = false;
  }

  /** Takes the points of one item, of which a change has one, most often, and a turn of the event loop to execute it in. */
  #takeTurn(): Promise<void> | undefined {
    const { pacer, feed, pointsPerItem } = this.#options;
    if (this.#pause) return this.#pause.then(() => this.#takeTurn());
    const pause = this.#pay(pointsPerItem);
    const turn = () => pacer.take(viewerKey(feed.viewer), pointsPerItem);
    return pause ? pause.then(turn) : turn();
  }

  /**
   * Takes points, and those that are owed, from the subscribers' credentials. Where none has any, pauses the group, and
   * returns the pause.
   */
  #pay(points: number): Promise<void> | undefined {
    const due = points + this.#owedPoints + this.#options.feed.effort.takePoints();
    this.#owedPoints = 0;
    this.#pause = this.#payers.pay(due)?.then(() => {
      this.#pause = undefined;
    });
    return this.#pause;
  }

  async #payloadsOf(changeSeq: number, meaning: Meaning<Sequenced>): Promise<readonly Payload[]> {
    const items = await itemsOf(meaning);
    const payloads: Promise<Payload>[] = [];
    for (const item of items) {
      const turn = payloads.length > 0 ? this.#takeTurn() : undefined;
      if (turn) await turn;
      payloads.push(this.#execute(item, changeSeq));
    }
    return Promise.all(payloads);
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
    this.#delivering ??= this.#deliverReady().finally(() => {
      this.#delivering = undefined;
    });
  }

  async #deliverReady(): Promise<void> {
    while (this.#ready.length > 0) {
      const payloads = this.#ready;
      this.#ready = [];
      let delivered = 0;
      for (const subscriber of this.#subscribers) {
        if (delivered > 0 && delivered % deliveriesTogether === 0) await nextTurn();
        subscriber.deliver(payloads);
        delivered += 1;
      }
    }
  }

  #sendBookmark(): void {
    const isIdle = this.#emitting === undefined && this.#changes.isEmpty && !this.#isWaiting;
    // While a change waits or is executed, payloads of changes up to the hub's position may still be on their way.
    const seq = isIdle ? this.#options.hub.position : this.#processedSeq;
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
    // Drops what waits in it, too: the group may be kept for as long as a client that reads nothing.
    void this.#changes.return();
    for (const subscriber of this.#subscribers) subscriber.end(error);
    this.#subscribers.clear();
    this.#options.onEmpty();
  }
}
