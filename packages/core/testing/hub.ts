import type { DomainError } from '../src/base/errors.ts';
import type { Change } from '../src/event/change.ts';
import { createEventHub, type EventHub } from '../src/event/hub.ts';
import { changeAt } from './change.ts';

/** The log that a test hub follows. */
export const testLog = { logId: '0123456789ab', epoch: '1', pastEpochs: [], trimmedThrough: 0 };

/** An event hub over a log that a test writes. */
export interface TestHub {
  readonly hub: EventHub;
  /** Hands on the changes with these sequence numbers, in one turn. */
  commit(...seqs: number[]): void;
  /** Moves the log's position on, past changes that nobody asked for. */
  pass(seq: number): void;
  /** Tells that changes were lost. */
  lose(error: DomainError): void;
}

export function createTestHub(bufferEvents = 1_000): TestHub {
  let position = 0;
  let handOn: (changes: readonly Change[]) => void = () => {};
  let lose: (error: DomainError) => void = () => {};
  const tail = {
    log: testLog,
    get position() {
      return position;
    },
    catchUp: async () => position,
    reach: async () => {},
    onChanges: (listener: typeof handOn) => {
      handOn = listener;
    },
    onLost: (listener: typeof lose) => {
      lose = listener;
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
    lose: (error) => lose(error),
  };
}
