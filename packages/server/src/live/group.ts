import type { Change, Core, Feed, Sequenced } from '@muster/core';
import type { ExecutionResult } from 'graphql';

/** Executions that one group may have under way; past it the group's own bounded queue fills (E5). */
const maxUnderWay = 1_000;

/** What a feed's item became for everybody in a group: executed once, serialised once. */
export interface Payload {
  readonly seq: number;
  /** The change that it tells of; null for a bookmark. */
  readonly change: Change | null;
  /** The GraphQL result as JSON. */
  readonly text: Buffer;
}

/** One subscription in a group. */
export interface GroupMember {
  /** Payloads in order. Must not throw, and must not wait. */
  deliver(payloads: readonly Payload[]): void;
  /** The group can't go on; with an error, why. A cursor in it is the group's place, not this member's. */
  end(error?: unknown): void;
}

/** Subscriptions with the same document, variables and access, which get the same payloads. */
export interface SubscriptionGroup {
  /** From now on the member gets every payload. Returns how to leave. */
  join(member: GroupMember): () => void;
  readonly size: number;
}

export interface GroupOptions<Item extends Sequenced> {
  core: Core;
  feed: Feed<Item>;
  execute(item: Item): Promise<ExecutionResult>;
  bookmarkIntervalMs: number;
  /** The last member has left, or the group has ended. */
  onEmpty(): void;
}

/** Starts at once. Payloads that come about in the same turn are handed to each member together. */
export function createGroup<Item extends Sequenced>(options: GroupOptions<Item>): SubscriptionGroup {
  const { core, feed } = options;
  const members = new Set<GroupMember>();
  const changes = core.hub.attach((change) => feed.concerns(change));
  const underWay: { readonly seq: number; readonly payloads: Promise<readonly Payload[]> }[] = [];
  let ready: Payload[] = [];
  let emitting: Promise<void> | undefined;
  /** Whether nothing was sent since the last bookmark was due. */
  let quiet = true;
  /** The last change of which all has been sent, and the last of which anything has. */
  let passed = 0;
  let told = 0;
  let over = false;

  async function payloadOf(item: Item, change: Change | null): Promise<Payload> {
    const result = await options.execute(item);
    return { seq: item.seq, change, text: Buffer.from(JSON.stringify(result)) };
  }

  async function payloadsOf(change: Change): Promise<readonly Payload[]> {
    const items = await feed.itemsOf(change);
    return Promise.all(items.map((item) => payloadOf(item, change)));
  }

  /** Execution may take longer for one item than for the next; payloads leave in the items' order. */
  async function emitInOrder(): Promise<void> {
    for (let next = underWay.shift(); next; next = underWay.shift()) {
      // Not in one: `ready` may be another list after the wait, and what goes into the old one reaches nobody.
      const payloads = await next.payloads;
      passed = next.seq;
      if (payloads.length === 0) continue;
      if (ready.length === 0) setImmediate(deliver);
      ready.push(...payloads);
      quiet = false;
      told = next.seq;
    }
    emitting = undefined;
  }

  function deliver(): void {
    const payloads = ready;
    ready = [];
    for (const member of members) member.deliver(payloads);
  }

  function take(seq: number, payloads: Promise<readonly Payload[]>): void {
    // Nobody waits any more for those behind one that failed.
    payloads.catch(() => {});
    underWay.push({ seq, payloads });
    emitting ??= emitInOrder().catch(finish);
  }

  async function pump(): Promise<void> {
    for await (const change of changes) {
      take(change.seq, payloadsOf(change));
      if (underWay.length >= maxUnderWay) await emitting;
    }
  }

  function finish(error?: unknown): void {
    if (over) return;
    over = true;
    clearInterval(bookmarks);
    changes.end();
    for (const member of members) member.end(error);
    members.clear();
    options.onEmpty();
  }

  const bookmarks = setInterval(() => {
    // While an execution is under way, changes up to the tail's position may still be on their way.
    const seq = emitting === undefined ? core.hub.tail.position : passed;
    const item = quiet && (emitting === undefined || passed > told) ? feed.bookmark(seq) : null;
    quiet = true;
    if (item !== null)
      take(
        seq,
        payloadOf(item, null).then((payload) => [payload]),
      );
  }, options.bookmarkIntervalMs).unref();
  pump().then(() => finish(), finish);

  return {
    join: (member) => {
      members.add(member);
      return () => {
        if (members.delete(member) && members.size === 0) finish();
      };
    },
    get size() {
      return members.size;
    },
  };
}
