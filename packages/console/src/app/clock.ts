import { type ReadonlySignal, signal } from '@preact/signals';

/** The time of day, and whether anybody can see the page. */
export interface Clock {
  /** Moves on every few seconds while the page can be seen. */
  readonly now: ReadonlySignal<Date>;
  readonly isVisible: ReadonlySignal<boolean>;
  close(): void;
}

/** Often enough for "20 s ago", and seldom enough to cost nothing (K9). */
const tickMs = 5_000;

export function openClock(): Clock {
  const now = signal(new Date());
  const isVisible = signal(document.visibilityState === 'visible');
  const tick = () => {
    if (isVisible.peek()) now.value = new Date();
  };
  const onChange = () => {
    isVisible.value = document.visibilityState === 'visible';
    tick();
  };
  const timer = setInterval(tick, tickMs);
  document.addEventListener('visibilitychange', onChange);
  return {
    now,
    isVisible,
    close: () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onChange);
    },
  };
}
