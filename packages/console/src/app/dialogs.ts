import { type ReadonlySignal, signal } from '@preact/signals';
import type { ComponentChild } from 'preact';

/** Draws a dialog. @param close closes it */
export type DrawDialog = (close: () => void) => ComponentChild;

/** The dialog that is open, if one is: never more than one. */
export interface Dialogs {
  readonly open: ReadonlySignal<DrawDialog | null>;
  show(draw: DrawDialog): void;
  close(): void;
}

export function createDialogs(): Dialogs {
  const open = signal<DrawDialog | null>(null);
  return {
    open,
    show: (draw) => {
      open.value = draw;
    },
    close: () => {
      open.value = null;
    },
  };
}
