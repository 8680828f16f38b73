import { BenchError } from '../benchError.ts';
import { createHistogram } from '../statistics.ts';
import { seqOf } from './event.ts';
import { messageHead } from './message.ts';

const longestLatencyMs = 120_000;

/** A subscriber that receives messages. */
export interface Recipient {
  /** Id of the subscriber's operation. */
  readonly id: string;
  /** The expected beginning of each message; cached, since it is compared often. */
  readonly head: Buffer;
  /** Number of events received so far. */
  received: number;
}

/** Creates a recipient that has received nothing. */
export function createRecipient(id: string): Recipient {
  return { id, head: Buffer.from(messageHead(id)), received: 0 };
}

/** The figures of the measured batches. */
export interface Reception {
  readonly messages: number;
  readonly bytesAMessage: number;
  /** Time from each batch's commit until the receipt of its last message, summed. */
  readonly deliveringMs: number;
  /** Median time from commit to receipt, in milliseconds. */
  readonly p50: number;
  /** The time from commit to receipt that 99 % of the messages don't exceed, in milliseconds. */
  readonly p99: number;
}

/** The size of a run. */
export interface LedgerOptions {
  readonly recipients: number;
  readonly eventsABatch: number;
  /** Number of batches before the measured ones, in which code is compiled. */
  readonly unmeasuredBatches: number;
}

/** The record of all messages that all recipients received. */
export interface Ledger {
  /**
   * Records a message; returns whether it was the last of its batch.
   *
   * @throws BenchError if the message isn't the next for this recipient
   */
  take(recipient: Recipient, message: Buffer, now: number): boolean;
  /** @throws BenchError unless every recipient received every event */
  report(batches: number): Reception;
  /** Progress of a batch that has partly arrived; undefined between batches. */
  progress(): string | undefined;
}

interface KnownEvent {
  readonly cursor: string;
  readonly at: number;
  /** The rest of every recipient's message, after `head`. */
  readonly tail: Buffer;
}

/**
 * Checks that each recipient gets every event exactly once and in order. Only the first message of an event is parsed;
 * those of all other recipients must have the same bytes, which costs little more than two comparisons.
 */
export function createLedger({ recipients, eventsABatch, unmeasuredBatches }: LedgerOptions): Ledger {
  const events: KnownEvent[] = [];
  const latencies = createHistogram(longestLatencyMs);
  const batchSize = recipients * eventsABatch;
  const unmeasured = unmeasuredBatches * batchSize;
  let messages = 0;
  let bytes = 0;
  let deliveringMs = 0;

  /** Parses a message; the only way for servers that write its parts in another order. */
  function read(recipient: Recipient, message: Buffer): KnownEvent {
    const { cursor, at } = parseEvent(message, recipient.id);
    const known = events[recipient.received];
    if (known) {
      if (known.cursor !== cursor) throw wrong(message, `expected the event ${known.cursor}`);
      return known;
    }
    const last = events.at(-1);
    if (last && !(seqOf(cursor) > seqOf(last.cursor))) throw wrong(message, `expected one after ${last.cursor}`);
    // A copy, since the socket may reuse the message's memory.
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
      // No recipient can be ahead, since the next batch is caused after this one: the total shows that all are done.
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
