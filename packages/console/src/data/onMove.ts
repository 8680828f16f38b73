import type { ReadonlySignal } from '@preact/signals';

/** Calls back at each move of a signal from now on. @returns ends it */
export function onMove(moving: ReadonlySignal<unknown>, act: () => void): () => void {
  let isFirst = true;
  return moving.subscribe(() => {
    if (!isFirst) act();
    isFirst = false;
  });
}
