import { type ReadonlySignal, signal } from '@preact/signals';

export type Tone = 'good' | 'bad' | 'neutral';

/** A short word to the person, which disappears after some seconds. */
interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

/** Results of actions and changes of the connection; never each event. Screen readers say them, too. */
export interface Toasts {
  readonly shown: ReadonlySignal<readonly Toast[]>;
  say(text: string, tone?: Tone): void;
  dismiss(id: number): void;
}

const shownMs = 8_000;
const mostAtOnce = 3;

export function createToasts(): Toasts {
  const shown = signal<readonly Toast[]>([]);
  let last = 0;
  const dismiss = (id: number) => {
    shown.value = shown.peek().filter((toast) => toast.id !== id);
  };
  return {
    shown,
    say: (text, tone = 'neutral') => {
      const id = ++last;
      shown.value = [...shown.peek(), { id, tone, text }].slice(-mostAtOnce);
      // Bad news take longer to read.
      setTimeout(() => dismiss(id), tone === 'bad' ? 2 * shownMs : shownMs);
    },
    dismiss,
  };
}
