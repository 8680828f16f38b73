import { batch } from '@preact/signals';
import type { ListEvent } from './listSource.ts';

/** Collects events until the next picture is drawn; of each object, the last one wins. */
export interface FrameQueue {
  add(event: ListEvent): void;
  /** Forgets the events that wait. */
  clear(): void;
}

/** @param take gets the events of a frame, in the order in which their objects first came */
export function createFrameQueue(
  take: (events: readonly ListEvent[]) => void,
  nextFrame: (callback: () => void) => void,
): FrameQueue {
  const waiting = new Map<string, ListEvent>();
  let isAsked = false;
  return {
    add: (event) => {
      if (event.id === null) return;
      waiting.set(event.id, event);
      if (isAsked) return;
      isAsked = true;
      nextFrame(() => {
        isAsked = false;
        const events = [...waiting.values()];
        waiting.clear();
        batch(() => take(events));
      });
    },
    clear: () => waiting.clear(),
  };
}
