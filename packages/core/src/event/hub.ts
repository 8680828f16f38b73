import { setImmediate } from 'node:timers/promises';
import type { Change } from './change.ts';
import { ChangeQueue, type ChangeReader } from './changeQueue.ts';
import type { EventTail } from './tail.ts';

/** Hands every change on to the queues of its readers. No reader can delay, or fail, another. */
export interface EventHub {
  readonly tail: EventTail;
  /**
   * Opens a queue of the changes after the tail's position, and after `afterSeq` if that is later.
   *
   * @param reader says what a change means, when it is handed on or when it is taken out of the queue; or only the first
   */
  attach<Meaning>(
    reader: ChangeReader<Meaning> | ((change: Change) => Meaning | null),
    afterSeq?: number,
  ): ChangeQueue<Meaning>;
  /** The sequence number up to which every change is in the queues that it means something to. */
  readonly position: number;
  /** How many queues are open. */
  readonly openQueues: number;
  /** Ends every queue, and each that is opened later at once. */
  close(): void;
}

/** How long changes are handed on in one turn of the event loop, in milliseconds; then other work has its turn (W3). */
const turnMs = 10;
/** Pushes between two looks at the clock. */
const pushesTogether = 32;
/** Readers that may work on a change in one turn: each answers its subscription, which takes some 0.1 ms. */
const readersTogether = 64;

/** A turn of the event loop in which changes are handed on. */
class Turn {
  #startedMs = performance.now();
  #pushes = 0;
  #readers = 0;

  /** Counts a push, and whether a reader works on it in this turn. Returns whether other work is to have its turn. */
  count(hasReader: boolean): boolean {
    if (hasReader) this.#readers += 1;
    this.#pushes += 1;
    if (this.#readers >= readersTogether) return true;
    return this.#pushes % pushesTogether === 0 && performance.now() - this.#startedMs >= turnMs;
  }

  begin(): void {
    this.#startedMs = performance.now();
    this.#readers = 0;
  }
}

/** @param bufferEvents E5: how many changes may wait in each queue */
export function createEventHub(tail: EventTail, bufferEvents: number): EventHub {
  const queues = new Set<Pick<ChangeQueue<unknown>, 'push' | 'end' | 'fail'>>();
  let closed = false;
  /** While changes are handed on: the last one that all queues have been given. */
  let handedSeq: number | null = null;

  async function handOn(changes: readonly Change[]): Promise<void> {
    const [first] = changes;
    if (!first) return;
    handedSeq = first.seq - 1;
    const turn = new Turn();
    for (const change of changes) {
      // A queue that is opened meanwhile starts after all of these: its reader finds them in the log.
      for (const queue of queues) {
        if (!turn.count(queue.push(change))) continue;
        await setImmediate();
        turn.begin();
      }
      handedSeq = change.seq;
    }
    handedSeq = null;
  }

  tail.onChanges(handOn);
  tail.onLost((error) => {
    for (const queue of queues) queue.fail(error);
  });

  return {
    tail,
    attach: <Meaning>(reader: ChangeReader<Meaning> | ((change: Change) => Meaning | null), afterSeq = 0) => {
      const queue = new ChangeQueue<Meaning>({
        ...(typeof reader === 'function' ? readAtOnce(reader) : reader),
        log: () => tail.log,
        afterSeq: Math.max(afterSeq, tail.position),
        bufferEvents,
        onEnd: () => queues.delete(queue),
      });
      queues.add(queue);
      if (closed) queue.end();
      return queue;
    },
    get position() {
      return handedSeq ?? tail.position;
    },
    get openQueues() {
      return queues.size;
    },
    close: () => {
      closed = true;
      for (const queue of queues) queue.end();
    },
  };
}

function readAtOnce<Meaning>(meaningOf: (change: Change) => Meaning | null): ChangeReader<Meaning> {
  return {
    meaningOf,
    meaningOnceTaken: ({ seq }) => {
      throw new Error(`change ${seq} was queued without its meaning`);
    },
  };
}
