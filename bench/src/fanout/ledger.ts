import { BenchError } from '../benchError.ts';
import { createHistogram } from '../statistics.ts';
import { placeOf } from './event.ts';
import { messageHead } from './message.ts';

const longestLatencyMs = 120_000;

/** One who gets messages. */
export interface Recipient {
  /** Its operation's id. */
  readonly id: string;
  /** How its messages are expected to begin; kept, since it is compared often. */
  readonly head: Buffer;
  /** How many events it has had. */
  received: number;
}

export function createRecipient(id: string): Recipient {
  return { id, head: Buffer.from(messageHead(id)), received: 0 };
}

/** What the measured batches came to. */
export interface Reception {
  readonly messages: number;
  readonly bytesAMessage: number;
  /** From each batch's commit until its last message was there, summed. */
  readonly deliveringMs: number;
  /** From commit to receipt, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

export interface LedgerOptions {
  readonly recipients: number;
  readonly eventsABatch: number;
  /** The first batches are not measured: they warm everything up. */
  readonly unmeasuredBatches: number;
}

export interface Ledger {
  /**
   * Books a message, and says whether it was the last of its batch.
   *
   * @throws BenchError for one that isn't what this recipient had to get next
   */
  take(recipient: Recipient, message: Buffer, now: number): boolean;
  /** @throws BenchError unless everybody got everything */
  report(batches: number): Reception;
  /** How much is there of a batch that has begun to arrive; undefined between batches. */
  progress(): string | undefined;
}

interface KnownEvent {
  readonly cursor: string;
  readonly at: number;
  /** What follows `head` in everybody's message. */
  readonly tail: Buffer;
}

/**
 * Sees to it that each recipient gets every event exactly once and in order, at little more than the price of two
 * comparisons of bytes: only whoever is the first to get an event reads it, all others must get the same.
 */
export function createLedger({ recipients, eventsABatch, unmeasuredBatches }: LedgerOptions): Ledger {
  const events: KnownEvent[] = [];
  const latencies = createHistogram(longestLatencyMs);
  const batchSize = recipients * eventsABatch;
  const unmeasured = unmeasuredBatches * batchSize;
  let messages = 0;
  let bytes = 0;
  let deliveringMs = 0;

  /** The slow way, which also understands servers that write a message's parts in another order. */
  function read(recipient: Recipient, message: Buffer): KnownEvent {
    const { cursor, at } = parseEvent(message, recipient.id);
    const known = events[recipient.received];
    if (known) {
      if (known.cursor !== cursor) throw wrong(message, `expected the event ${known.cursor}`);
      return known;
    }
    const last = events.at(-1);
    if (last && !(placeOf(cursor) > placeOf(last.cursor))) throw wrong(message, `expected one after ${last.cursor}`);
    // A copy, since the message may lie in memory that is used again.
    const event = { cursor, at, tail: Buffer.from(message.subarray(recipient.head.length)) };
    events.push(event);
    return event;
  }

  return {
    take: (recipient, message, now) => {
      const known = events[recipient.received];
      const event = known && isJoined(message, recipient.head, known.tail) ? known : read(recipient, message);
      recipient.received += 1;
      messages += 1;
      // Nobody can be ahead: an event that isn't caused yet has nothing to be told from. So the sum tells it of each.
      const complete = messages % batchSize === 0;
      if (messages > unmeasured) {
        bytes += message.length;
        latencies.add(now - event.at);
        if (complete) deliveringMs += now - (events[recipient.received - eventsABatch]?.at ?? now);
      }
      return complete;
    },
    report: (batches) => {
      const expected = (unmeasuredBatches + batches) * batchSize;
      if (messages !== expected) throw new BenchError(`expected ${expected} messages; got ${messages}`);
      const measured = messages - unmeasured;
      return {
        messages: measured,
        bytesAMessage: bytes / measured,
        deliveringMs,
        p50: latencies.quantile(0.5),
        p99: latencies.quantile(0.99),
      };
    },
    progress: () => {
      const arrived = messages % batchSize;
      return arrived === 0 ? undefined : `${arrived} of ${batchSize} messages`;
    },
  };
}

function isJoined(message: Buffer, head: Buffer, tail: Buffer): boolean {
  return (
    message.length === head.length + tail.length &&
    message.compare(tail, 0, tail.length, head.length) === 0 &&
    message.compare(head, 0, head.length, 0, head.length) === 0
  );
}

interface NextMessage {
  readonly id?: string;
  readonly type?: string;
  readonly payload?: {
    readonly errors?: unknown;
    readonly data?: { readonly pluginStateChanged?: { readonly cursor: string; readonly at: string } };
  };
}

function parseEvent(message: Buffer, id: string): { cursor: string; at: number } {
  const { type, id: itsId, payload }: NextMessage = JSON.parse(message.toString());
  const event = payload?.data?.pluginStateChanged;
  if (type !== 'next' || itsId !== id || payload?.errors !== undefined || event === undefined) {
    throw wrong(message, `expected an event of ${id}`);
  }
  return { cursor: event.cursor, at: Date.parse(event.at) };
}

function wrong(message: Buffer, expectation: string): BenchError {
  return new BenchError(`${expectation}; got ${message.toString().slice(0, 500)}`);
}
