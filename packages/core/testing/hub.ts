import type { Change } from '../src/event/change.ts';
import { createEventHub, type EventHub } from '../src/event/hub.ts';
import { changeAt } from './change.ts';

/** The id of the log that a test hub follows. */
export const testLogId = '0123456789ab';

/** An event hub over a log that a test writes. */
export interface TestHub {
  readonly hub: EventHub;
  /** Hands on the changes with these sequence numbers, in one turn. */
  commit(...seqs: number[]): void;
  /** Moves the log's position on, past changes that nobody asked for. */
  pass(seq: number): void;
}

export function createTestHub(bufferEvents = 1_000): TestHub {
  let position = 0;
  let handOn: (changes: readonly Change[]) => void = () => {};
  const tail = {
    logId: testLogId,
    get position() {
      return position;
    },
    catchUp: async () => position,
    onChanges: (listener: typeof handOn) => {
      handOn = listener;
    },
  };
  return {
    hub: createEventHub(tail, bufferEvents),
    commit: (...seqs) => {
      position = seqs.at(-1) ?? position;
      handOn(seqs.map(changeAt));
    },
    pass: (seq) => {
      position = seq;
    },
  };
}
